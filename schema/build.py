"""From declarations to a schema that judges: walked once, at start. What is not declared stops the start."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import strawberry
from graphql import (
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_object_type,
)
from graphql.pyutils import Path
from strawberry.schema.config import StrawberryConfig

from models import Permission
from models.table import Column, Row
from resolvers.relations import Batched, Choice, Constant, Relation
from schema import ids
from schema.access import needed
from schema.declare import NOUNS, NOW, VALUES, Ambient, Computed, Declared, Identity, Source
from schema.guards import Resolve, guarded_within, judged, judged_type, judged_values, wants_of
from schema.mutations import Mutation, SandboxMutation
from schema.public import PUBLIC
from schema.query import Query
from schema.scalars import SCALARS
from schema.subscription_root import Subscription

BACK = "strawberry-definition"  # where Strawberry leaves its definition on what graphql-core keeps
ROOTS = ("Query", "Mutation", "Subscription")
PAGES = ("Connection", "Edge")
Place = tuple[str, str, str]  # type, field (or enum value, or input field), argument: "" for what is above


@dataclass(frozen=True)
class Schema:
    """The whole schema, and what each part of it needs, as a mask."""

    graphql: GraphQLSchema
    needs: dict[Place, int] = field(default_factory=dict)
    sources: dict[tuple[str, str], Source] = field(default_factory=dict)

    def need(self, kind: str, name: str = "", argument: str = "") -> int:
        return self.needs.get((kind, name, argument), 0)


def build(query: type = Query, public: frozenset[str] = PUBLIC, *, sandbox: bool = False) -> Schema:
    """The schema that a server serves, with what is for the sandbox alone or without; another root stands alone.

    Raises TypeError for a declaration that would leak or lie.
    """
    mutation, subscription = (
        (SandboxMutation if sandbox else Mutation, Subscription) if query is Query else (None, None)
    )
    made = strawberry.Schema(query, mutation, subscription, config=StrawberryConfig(scalar_map=SCALARS))
    schema = Schema(made._schema)  # noqa: SLF001  # Strawberry has no public name for it
    for kind in schema.graphql.type_map.values():
        gather(schema, kind)
    for kind in objects(schema.graphql):
        guard_type(schema, kind)
        for name, one in kind.fields.items():
            guard_field(schema, kind.name, name, one, public)
        check_interfaces(schema, kind)
    for kind in schema.graphql.type_map.values():
        if is_abstract_type(kind):
            kind.resolve_type = lambda found, _info, _type: noun_of(found)
    return schema


def objects(schema: GraphQLSchema) -> Iterator[GraphQLObjectType]:
    """Our object types; introspection's own are public by the specification."""
    yield from (t for name, t in schema.type_map.items() if is_object_type(t) and not name.startswith("__"))


def noun_of(found: Row | Constant) -> str:
    """The name of the type that a row, or a constant, is of."""
    return found.noun if isinstance(found, Constant) else found.table.noun


def gather(schema: Schema, kind: Any) -> None:
    """Note what is needed for a type, its fields, their arguments, its values: whatever carries @access."""
    if kind.name.startswith("__"):
        return
    note(schema, kind, kind.name)
    if is_enum_type(kind):
        for name, one in kind.values.items():
            note(schema, one, kind.name, name)
            if kind.name == "Permission":
                schema.needs[kind.name, name, ""] = Permission(name).bit
    if is_input_object_type(kind) or is_object_type(kind) or is_interface_type(kind):
        for name, one in kind.fields.items():
            note(schema, one, kind.name, name)
            for argument, taken in getattr(one, "args", {}).items():
                note(schema, taken, kind.name, name, argument)


def note(schema: Schema, part: Any, *place: str) -> None:
    """Remember what the directives of this part ask for."""
    definition = part.extensions.get(BACK)
    if mask := needed(getattr(definition, "directives", ())):
        schema.needs[(*place, "", "")[:3]] = mask  # type: ignore[index]


def guard_type(schema: Schema, kind: GraphQLObjectType) -> None:
    """A type judges for itself, or node(id), a union or a back-reference would go round the field."""
    if kind.name not in {*NOUNS, *VALUES, *ROOTS, "PageInfo"} and not kind.name.endswith(PAGES):
        raise TypeError(f"{kind.name} is neither node, record nor value")
    mask = schema.need(kind.name)
    if mask:
        check_tenant(kind.name, kind.name)
    kind.is_type_of = judged_type(mask) if mask else None


def guard_field(schema: Schema, owner: str, name: str, one: GraphQLField, public: frozenset[str]) -> None:
    """Give a field its resolver, and the judgement before it."""
    definition = one.extensions[BACK]
    declared: Declared | None = definition.metadata.get("declared")
    if declared is None:
        guard_value(schema, owner, name, one)
        return
    if target := schema.need(item_of(one)):
        schema.needs[owner, name, ""] = schema.need(owner, name) | target
    mask = schema.need(owner, name)
    check_default(schema, owner, name, public)
    if mask & ~schema.need(owner) and isinstance(one.type, GraphQLNonNull):
        raise TypeError(f"{owner}.{name} is guarded and must be nullable")
    answer = declared.resolve or resolve(declared.source, f"{owner}.{name}")
    if owner == "Subscription":
        guard_stream(schema, name, one, answer)
        return
    if declared.source is not None:
        check_source(owner, name, one, declared.source, guarded=bool(mask))
        schema.sources[owner, name] = declared.source
    if owner == "Mutation":
        guard_mutation(schema, name, one, answer)
        return
    one.resolve = guarded(schema, owner, name, one, answer)


def guard_value(schema: Schema, owner: str, name: str, one: GraphQLField) -> None:
    """A value has no row to judge by: it is reached through fields that judge for it."""
    if owner in NOUNS or owner in ROOTS:
        raise TypeError(f"{owner}.{name} is not declared with column, computed, edge or resolver")
    if schema.need(owner, name) or any(schema.need(owner, name, argument) for argument in one.args):
        raise TypeError(f"{owner}.{name} is guarded, but has no row to judge by")
    one.resolve = plain(one.extensions[BACK])


def guard_mutation(schema: Schema, name: str, one: GraphQLField, answer: Resolve) -> None:
    """A mutation's verb judges, under the lock and by the organization that its input names."""

    def need(kind: str, *part: str) -> int:
        return 0 if kind == "Permission" else schema.need(kind, *part)  # the verb compares them with the maker's

    if any(wants_of(taken, need, need("Mutation", name, a)) for a, taken in one.args.items()):
        raise TypeError(f"Mutation.{name} is given something guarded, which its verb does not judge")
    one.resolve = answer


def guard_stream(schema: Schema, name: str, one: GraphQLField, answer: Resolve) -> None:
    """A subscription's resolver makes its stream, which judges each event: rights change while it is open."""
    if any(schema.need("Subscription", name, argument) for argument in ("", *one.args)):
        raise TypeError(f"Subscription.{name} is guarded, but only its stream can judge")
    one.subscribe, one.resolve = answer, lambda event, _info, **_: event


def guarded(schema: Schema, owner: str, name: str, one: GraphQLField, answer: Resolve) -> Resolve:
    """The resolver behind all guards that the field has: its own, of what is given with it, of the values it tells."""
    found = {a: wants_of(taken, schema.need, schema.need(owner, name, a)) for a, taken in one.args.items()}
    mask, wants = schema.need(owner, name), {a: w for a, w in found.items() if w}
    enum = get_named_type(one.type)
    # Of permissions a viewer is only told those that he has.
    tells = is_enum_type(enum) and enum.name != "Permission" and guarded_within(enum, schema.need)
    if mask or wants or tells:
        check_tenant(owner, f"{owner}.{name}")
    if tells:
        answer = judged_values(one.type, schema.need, answer)
    return judged(mask, wants, answer) if mask or wants else answer


def check_tenant(kind: str, where: str) -> None:
    """A guard judges by the organization of the row."""
    if kind not in NOUNS or not NOUNS[kind].table.tenant:
        raise TypeError(f"{where} is guarded, but its rows are no organization's")


def check_default(schema: Schema, owner: str, name: str, public: frozenset[str]) -> None:
    """Default deny."""
    guarded = schema.need(owner, name) or schema.need(owner)
    plain_row = owner in NOUNS and not NOUNS[owner].refetchable
    if not guarded and not plain_row and f"{owner}.{name}" not in public:
        raise TypeError(f"{owner}.{name} is neither guarded by access= nor on the public list")


def check_interfaces(schema: Schema, kind: GraphQLObjectType) -> None:
    """An implementation that needs other than its interface would be guarded on one way and open on the other."""
    for interface in kind.interfaces:
        for name, one in interface.fields.items():
            places = [(name, argument) for argument in ("", *one.args)]
            if any(schema.need(interface.name, *place) != schema.need(kind.name, *place) for place in places):
                raise TypeError(f"@access of {kind.name}.{name} differs from {interface.name}.{name}")


def item_of(one: GraphQLField) -> str:
    """The type that a field leads to, through lists and connections."""
    kind: Any = get_named_type(one.type)
    return str(get_named_type(kind.fields["nodes"].type).name if kind.name.endswith("Connection") else kind.name)


def check_source(owner: str, name: str, one: GraphQLField, source: Source, *, guarded: bool) -> None:
    """What a type checker cannot see: that rows and types belong together."""
    where, item = f"{owner}.{name}", item_of(one)
    if isinstance(source, Relation) and (item not in NOUNS or source.table.noun != NOUNS[item].table.noun):
        raise TypeError(f"{where} is {item}, its rows are {source.table.noun}")
    ours = {ours for _, ours in source.by} if isinstance(source, Relation) else set()
    if missing := ours - NOUNS[owner].table.columns.keys():
        raise TypeError(f"{where} goes by {', '.join(missing)}, which its rows do not have")
    columns = source.columns if isinstance(source, Computed) else [source] if isinstance(source, Column) else []
    for column in columns:
        if NOUNS[owner].table.columns.get(column.name) is not column:
            raise TypeError(f"{where} reads {column}, which its rows do not have")
    null = not isinstance(one.type, GraphQLNonNull)
    if isinstance(source, Column) and null != source.nullable and not (null and guarded):
        raise TypeError(f"{where}: null in GraphQL and in PostgreSQL differ")


def resolve(source: Source | None, where: str) -> Resolve:
    """How the reference executor answers a declaration."""
    match source:
        case Column():
            return lambda row, _info: row[source.name]
        case Computed():
            return compute(source)
        case Identity():
            return lambda row, _info: ids.write(source.prefix, row["id"])
        case Relation():
            return lambda row, info, **args: info.context.related(source, where, row, args, names(info.path))
        case Choice():
            return lambda row, info: info.context.chosen(source, row, names(info.path))
        case Batched():
            return lambda row, info, **args: info.context.batched(source, row, args, names(info.path))
        case None:
            raise TypeError(f"{where} has neither source nor resolver")


def names(path: Path | None) -> tuple[str, ...]:
    """Where in the operation a field stands: the same for all rows of a list."""
    found = []
    while path:
        if isinstance(path.key, str):
            found.append(path.key)
        path = path.prev
    return tuple(found)


def compute(source: Computed[Any]) -> Resolve:
    """A call with the row's columns, the instant and the viewer, as the inputs name them."""

    def value(one: Column[Any] | Ambient, row: Row, info: Any) -> Any:
        if isinstance(one, Column):
            return row[one.name]
        return info.context.now if one is NOW else info.context.viewer

    return lambda row, info: source.of(*(value(one, row, info) for one in source.inputs))


def plain(definition: Any) -> Resolve:
    """A value's field: its attribute, or the method that was written for it."""
    if method := definition.base_resolver:
        return lambda found, _info, **args: method.wrapped_func(found, **args)
    name = definition.python_name
    return lambda found, _info: getattr(found, name)
