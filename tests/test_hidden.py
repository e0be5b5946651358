"""Hidden equals typo: what somebody may not see anywhere in scope is to him as if nobody had ever written it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest
from graphql import (
    GraphQLSchema,
    get_introspection_query,
    get_named_type,
    introspection_types,
    is_enum_type,
    is_interface_type,
    is_leaf_type,
    is_object_type,
    is_required_argument,
    parse,
    specified_directives,
    visit,
)
from graphql.language import NameNode, Visitor

from tests.asking import Answer, Ask, asking_world, token
from tests.worlds import World

# Accounts of the worlds whose views differ; what they see is written out by hand in test_views.
ASKERS = ("admin", "member", "billing", "both", "none")
INTROSPECTION = get_introspection_query()
# What GraphQL's own directives and types call their parts.
OWN_WORDS = {name for one in specified_directives for name in one.args}
OWN_WORDS |= {name for one in introspection_types.values() for name in getattr(one, "fields", {})}
# A hidden field stands for %s, in documents whose error is the same as for a typo.
FIELD_FORMS = (
    "{ %s }",
    "{ alias: %s }",
    "{ __typename %s other: __typename }",
    "{ %s @include(if: false) }",
    "{ ... @skip(if: true) { %s } }",
    "{ %s %s }",
)
# The same with arguments, and so much of it that an owner would be refused for the cost.
LIST_FORMS = (
    '{ %s(first: 1, after: "QUJD", first: 2) { nodes { id } } }',
    "{ %s(first: 100) { nodes { %s(first: 100) { nodes { %s(last: 100) { edges { cursor } } } } } } }",
)
PARTS = " fragment Parts on %s { %s }"
TYPE_FORMS = (
    '{ node(id: "org_0") { ... on %s { id } } }',
    '{ node(id: "org_0") { ...Parts } } fragment Parts on %s { id name }',
    "{ viewer { ... on %s { id } } }",
    "query ($given: %s) { viewer { id } }",
    "query ($given: [%s!]!) { viewer { id } }",
    'query One { viewer { id } } query Two { node(id: "x") { ... on %s { id } } }',
    '{ __type(name: "%s") { kind name fields { name } enumValues { name } possibleTypes { name } } }',
)
VALUE_FORMS = (
    "{ viewer { id @access(permission: %s) } }",
    "query ($given: Permission = %s) { viewer { id } }",
    "query ($given: [Permission!] = [%s]) { viewer { id } }",
)


@dataclass(frozen=True)
class Sight:
    """What somebody sees of the schema, and what he does not."""

    ask: Ask
    key: str | None
    full: GraphQLSchema
    view: GraphQLSchema
    typos: dict[str, Answer] = field(default_factory=dict)  # what was asked with a misspelling, and the answer to it

    @cached_property
    def names(self) -> set[str]:
        return names_of(self.full)

    @cached_property
    def hidden_types(self) -> list[str]:
        return sorted(self.full.type_map.keys() - self.view.type_map.keys())

    @cached_property
    def hidden_fields(self) -> list[tuple[str, str]]:
        return [
            (name, part)
            for name, kind in self.view.type_map.items()
            if is_object_type(kind) or is_interface_type(kind)
            for part in fields(self.full, name)
            if part not in fields(self.view, name)
        ]

    @cached_property
    def hidden_values(self) -> list[tuple[str, str]]:
        kinds: dict[str, Any] = dict(self.full.type_map)
        enums = [kind for kind in self.view.type_map.values() if is_enum_type(kind)]
        return [(one.name, value) for one in enums for value in kinds[one.name].values if value not in one.values]

    @cached_property
    def ways(self) -> dict[str, str]:
        """To each visible type the shortest way from a root: text with a place for a selection."""
        found = {name: f"{name.lower()} %s" for name in ("Query", "Mutation", "Subscription")}
        waiting = list(found)
        for name in waiting:
            for part, one in fields(self.view, name).items():
                target = get_named_type(one.type)
                around = f"{{ ... on {name} {{ {part}{self.given(one)} %s }} }}"
                for kind in [target, *possible(self.view, target)]:
                    if kind.name not in found and not is_leaf_type(kind):
                        found[kind.name] = found[name] % around
                        waiting.append(kind.name)
        return found

    def given(self, one: Any) -> str:
        """The arguments that a field cannot do without."""
        needed = [f'{name}: "acme"' for name, taken in getattr(one, "args", {}).items() if is_required_argument(taken)]
        return f"({', '.join(needed)})" if needed else ""

    async def same_as_typo(self, form: str, word: str) -> None:
        """Ask with the word and with a misspelling of it, which must make no difference but the word."""
        wrong = typo(self.names, word)
        found, misspelt = await self.ask(form.replace("%s", word), key=self.key), form.replace("%s", wrong)
        if misspelt not in self.typos:
            self.typos[misspelt] = await self.ask(misspelt, key=self.key)
        assert found == self.typos[misspelt].substituted(wrong, word), form
        assert b"Did you mean" not in found.body
        assert found.errors or "__type" in form


def fields(schema: GraphQLSchema, name: str) -> dict[str, Any]:
    return dict(getattr(schema.type_map[name], "fields", {}))


def possible(schema: GraphQLSchema, kind: Any) -> list[Any]:
    return list(schema.get_possible_types(kind)) if not is_object_type(kind) and not is_leaf_type(kind) else []


def typo(names: set[str], word: str) -> str:
    """A word as long as this one that nothing is called by."""
    wrong = "".join(letter if letter == "_" else "z" if letter.islower() else "Z" for letter in word)
    assert wrong not in names
    return wrong


def names_of(schema: GraphQLSchema) -> set[str]:
    """Whatever has a name in a schema."""
    found: set[str] = set()
    for name, kind in schema.type_map.items():
        if not name.startswith("__"):
            found |= {name, *fields(schema, name), *(getattr(kind, "values", {}))}
            found |= {argument for one in fields(schema, name).values() for argument in getattr(one, "args", ())}
    return found


class Names(Visitor):
    """Gathers every name in a document."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_name(self, node: NameNode, *_: Any) -> None:
        self.found.add(node.value)


def strings(value: Any) -> Iterator[str]:
    """Every string in what introspection says but descriptions."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from strings(one) if name != "description" else ()


@pytest.fixture(scope="module")
async def base(server_url: str) -> AsyncIterator[Ask]:
    async with asking_world(server_url, World.BASE) as ask:
        yield ask


@pytest.fixture(params=ASKERS)
async def sight(base: Ask, request: pytest.FixtureRequest) -> Sight:
    key = token(request.param)
    return Sight(base, key, base.server.schema.graphql, await base.view(key=key))


async def test_a_hidden_field_is_a_typo(sight: Sight) -> None:  # cases 50, 60, 65
    for kind, name in sight.hidden_fields:
        leaf = is_leaf_type(get_named_type(fields(sight.full, kind)[name].type))
        selected = "%s" if leaf else "%s { __typename nodes { id } }"
        bodies = [form.replace("%s", selected) for form in FIELD_FORMS]
        documents = [sight.ways[kind] % body for body in (*bodies, *LIST_FORMS)]
        documents.append(sight.ways[kind] % "{ ...Parts }" + PARTS % (kind, selected))
        for document in documents:
            await sight.same_as_typo(document, name)


async def test_a_hidden_type_is_a_typo(sight: Sight) -> None:  # cases 50, 51
    for name in sight.hidden_types:
        for form in TYPE_FORMS:
            await sight.same_as_typo(form, name)


async def test_a_hidden_value_is_a_typo(sight: Sight) -> None:  # case 50
    for kind, name in sight.hidden_values:
        for form in VALUE_FORMS:
            await sight.same_as_typo(form.replace("Permission", kind), name)


async def test_nothing_hidden_is_named_by_introspection_or_sdl(sight: Sight) -> None:  # case 51
    hidden = names_of(sight.full) - names_of(sight.view) - OWN_WORDS
    introspected = await sight.ask(INTROSPECTION, key=sight.key)
    sdl = await sight.ask.sdl(key=sight.key)
    names = Names()
    visit(parse(sdl.body.decode()), names)
    assert hidden & set(strings(introspected.data)) == set()
    assert not hidden & names.found


async def test_introspection_and_sdl_agree(sight: Sight) -> None:
    sdl = parse((await sight.ask.sdl(key=sight.key)).body.decode())
    builtin = {"String", "Int", "Boolean", "ID"}
    written = {one.name.value for one in sdl.definitions if one.kind != "directive_definition"}  # type: ignore[attr-defined]
    assert written == {name for name in sight.view.type_map if not name.startswith("__")} - builtin


@pytest.mark.parametrize("account", [*ASKERS, "owner"])
async def test_nobody_is_told_what_he_may_have_meant(base: Ask, account: str) -> None:  # case 50
    near = sorted(f"{word[:-1]}{'y' if word[-1] == 'x' else 'x'}" for word in names_of(base.server.schema.graphql))
    for some in (near[start : start + 15] for start in range(0, len(near), 15)):
        types = " ".join(f"... on {word} {{ id }}" for word in some)
        values = ", ".join(some)
        for text in (
            f'{{ organization(slug: "acme") {{ {" ".join(some)} }} }}',
            f'{{ organization(slug: "acme", {", ".join(f"{word}: 1" for word in some)}) {{ id }} }}',
            f'{{ node(id: "x") {{ {types} }} }}',
            f"query ({' '.join(f'$v{n}: {word}' for n, word in enumerate(some))}) {{ __typename }}",
            f"query ($given: [Permission!] = [{values}]) {{ viewer {{ id }} }}",
        ):
            found = await base(text, key=token(account))
            assert found.errors
            assert b"Did you mean" not in found.body
