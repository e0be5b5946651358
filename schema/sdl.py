"""A schema written down: what is enforced is what is printed."""

from dataclasses import replace
from typing import Any

from graphql import (
    ConstArgumentNode,
    ConstDirectiveNode,
    EnumValueNode,
    GraphQLSchema,
    NameNode,
    parse,
    print_ast,
    print_schema,
)

from models.roles import permissions_in
from schema.build import Schema

ROOTS_FIRST = ("Query", "Mutation", "Subscription")


def printed(schema: Schema, view: GraphQLSchema) -> str:
    """The SDL of a view, with @access on all that needs a permission; by name, the roots first."""
    document = parse(print_schema(view))
    parts = sorted((tagged(schema, part) for part in document.definitions), key=place)
    return "\n\n".join(print_ast(part) for part in parts) + "\n"


def tagged(schema: Schema, node: Any, *above: str) -> Any:
    """A definition and what is in it, each with the @access that it needs."""
    place = (*above, node.name.value)
    below = {
        name: tuple(tagged(schema, part, *place) for part in parts)
        for name in ("fields", "values", "arguments")
        if node.kind != "directive_definition" and (parts := getattr(node, name, None))
    }
    mask = 0 if above == ("Permission",) else schema.need(*place)  # a permission needs itself; no need to say so
    return replace(node, directives=(*access(mask), *(node.directives or ())), **below) if mask or below else node


def access(mask: int) -> tuple[ConstDirectiveNode, ...]:
    """@access, once for each permission."""
    return tuple(
        ConstDirectiveNode(
            name=NameNode(value="access"),
            arguments=(
                ConstArgumentNode(name=NameNode(value="permission"), value=EnumValueNode(value=permission.value)),
            ),
        )
        for permission in permissions_in(mask)
    )


def place(definition: Any) -> tuple[int, str]:
    """Directives, roots, and then by name."""
    name = definition.name.value
    if definition.kind == "directive_definition":
        return (0, name)
    return (1, str(ROOTS_FIRST.index(name))) if name in ROOTS_FIRST else (2, name)
