"""The schema: its snapshot, its words, the contract that it keeps, and the declarations that it refuses at start."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import strawberry
from graphql import build_schema, parse, print_ast, print_schema

import models
from models import Permission
from models.roles import EVERYTHING, GRANTS
from resolvers.relations import many, one, pages
from schema.access import needing
from schema.build import Schema, build
from schema.connection import Connection
from schema.declare import (
    NOUNS,
    VALUES,
    Computed,
    Made,
    column,
    computed,
    edge,
    node,
    record,
    resolver,
    value,
)
from schema.directory import Project
from schema.people import Member
from schema.public import PUBLIC
from schema.sdl import printed
from schema.views import Views

ROOT = Path(__file__).parents[1]
SNAPSHOT = ROOT / "schema" / "schema.graphql"
CONTRACT = Path(__file__).with_name("contract.txt")
# Where the schema promises more than the contract, to the same clients.
NARROWER = {
    "Credit.reason: String!": "Credit.reason: CreditReason!",
    "BillingProfile.country: String": "BillingProfile.country: String!",
}
LINE = re.compile(r"([^(:]+)(?:\(([^)]*)\))?(.*)")  # a name, what it takes, what it is
TEAMS = Permission.VIEW_TEAMS


@pytest.fixture(scope="module")
def schema() -> Schema:
    return build(sandbox=True)


def sdl(schema: Schema) -> str:
    return printed(schema, Views(schema).of(EVERYTHING))


def test_snapshot_is_current(schema: Schema) -> None:
    assert SNAPSHOT.read_text() == sdl(schema), "python -m purser schema > schema/schema.graphql"


@pytest.mark.parametrize("granted", [EVERYTHING, *GRANTS.values(), 0])
def test_printed_schema_can_be_read_again(schema: Schema, granted: int) -> None:
    text = printed(schema, Views(schema).of(granted))
    assert print_schema(build_schema(text)).count("\ntype ") == text.count("\ntype ")


def parts(node: Any, *above: str) -> Iterator[tuple[str, Any]]:
    """Every definition, and what is inside it, under its name."""
    place = (*above, node.name.value)
    yield ".".join(place), node
    for inner in ("fields", "values", "arguments"):
        for part in getattr(node, inner, None) or ():
            yield from parts(part, *place)


def test_everything_is_described_in_sentences(schema: Schema) -> None:
    described = {
        name: getattr(node, "description", None)
        for definition in parse(sdl(schema)).definitions
        for name, node in parts(definition)
        if name != "access.permission"
    }
    assert len(described) > 400
    assert [name for name, words in described.items() if not words or not words.value.strip().endswith(".")] == []


def lines(text: str) -> Iterator[str]:
    """A schema line by line, as the contract has it: kinds, fields with what they take and need, values."""
    for definition in parse(text).definitions:
        node: Any = definition
        name, kind = node.name.value, node.kind.partition("_")[0]
        if kind == "directive":
            yield print_ast(node).rpartition('"""\n')[2]
        elif kind == "union":
            yield f"union {name} = {' | '.join(sorted(one.name.value for one in node.types))}"
        elif kind == "enum":
            yield from (f"{name}.{one.name.value}{needs(one)}" for one in node.values)
        else:
            kind = "type" if kind == "object" else kind
            yield f"{kind} {name}{''.join(f' implements {one.name.value}' for one in interfaces(node))}{needs(node)}"
            yield from (written(name, one) for one in getattr(node, "fields", None) or ())


def interfaces(node: Any) -> Any:
    return getattr(node, "interfaces", None) or ()


def needs(node: Any) -> str:
    return "".join(f" {print_ast(one)}" for one in node.directives or () if one.name.value == "access")


def written(owner: str, field: Any) -> str:
    taken = ", ".join(print_ast(one).rpartition("\n")[2] for one in getattr(field, "arguments", None) or ())
    return f"{owner}.{field.name.value}{f'({taken})' if taken else ''}: {print_ast(field.type)}{needs(field)}"


def kept(promised: str, found: list[str]) -> bool:
    """Whether a line of the contract holds; a field may take more, if it need not be given."""
    name, promises, rest = divided(promised)
    for line in found:
        other, takes, other_rest = divided(line)
        if (other, other_rest) == (name, rest):
            return promises <= takes and not any(one.endswith("!") for one in takes - promises)
    return False


def divided(line: str) -> tuple[str, set[str], str]:
    match = LINE.fullmatch(line)
    assert match, line
    return match[1], set((match[2] or "").split(", ")) - {""}, match[3]


def test_contract_is_kept(schema: Schema) -> None:
    found = list(lines(sdl(schema)))
    promises = [NARROWER.get(line, line) for line in CONTRACT.read_text().splitlines()]
    assert len(promises) > 200
    assert [line for line in promises if not kept(line, found)] == []


def test_contract_test_sees_what_is_broken(schema: Schema) -> None:
    text = sdl(schema)
    for right, wrong in [
        ("  slug: String!", "  slug: String"),
        ("usage(", "usages("),
        ("@access(permission: VIEW_PLAN)", ""),
        ("  UNCOLLECTIBLE\n", "  UNCOLLECTED\n"),
        ("| FormerUser", ""),
        ("implements Node @access(permission: VIEW_TEAMS)", "implements Node"),
    ]:
        assert text.count(right) >= 1
        found = list(lines(text.replace(right, wrong)))
        assert any(not kept(NARROWER.get(line, line), found) for line in CONTRACT.read_text().splitlines())


@pytest.fixture
def toys() -> Iterator[None]:
    """What a test declares is forgotten after it."""
    nouns, values = dict(NOUNS), set(VALUES)
    yield
    NOUNS.clear()
    NOUNS.update(nouns)
    VALUES.intersection_update(values)


def root(kind: type) -> type:
    """A query with one public field, which leads to this type."""

    @strawberry.type(description="The root.")
    class Query:
        toy: kind | None = resolver(lambda *_: None, "A toy.")  # type: ignore[valid-type]

    return Query


def untagged() -> type:
    @node("toy", models.Team)
    class Toy:
        """A toy."""

        name: str = column(models.Team.name, "What it is called.")

    return Toy


def guarded_not_null() -> type:
    @node("toy", models.Team)
    class Toy:
        """A toy."""

        name: str = column(models.Team.name, "What it is called.", access=TEAMS)

    return Toy


def other_than_its_interface() -> type:
    @strawberry.interface(description="Whatever has a name.")
    class Named:
        name: str | None = strawberry.field(description="What it is called.", directives=needing(TEAMS))

    @strawberry.type(description="A toy.")
    class Toy(Named):
        name: str | None = column(models.Team.name, "What it is called.", access=Permission.VIEW_PLAN)

    NOUNS["Toy"] = Made("toy", models.Team.table, None, refetchable=True)
    return Toy


def takes_other_than_its_interface() -> type:
    @strawberry.interface(description="Whatever has a name.")
    class Named:
        name: str | None = resolver(lambda *_: None, "What it is called.", takes={"how": (str | None, "How.", TEAMS)})

    @strawberry.type(description="A toy.")
    class Toy(Named):
        name: str | None = resolver(lambda *_: None, "What it is called.", takes={"how": (str | None, "How.")})

    NOUNS["Toy"] = Made("toy", models.Team.table, None, refetchable=False)
    return Toy


def undeclared() -> type:
    @strawberry.type(description="A toy.")
    class Toy:
        name: str = strawberry.field(description="What it is called.")

    return Toy


def undeclared_field() -> type:
    @record(models.Team)
    class Toy:
        """A toy."""

        name: str = strawberry.field(description="What it is called.")

    return Toy


def wrong_noun() -> type:
    @record(models.Team)
    class Toy:
        """A toy."""

        projects: Connection[Project] | None = edge(
            pages(models.MemberOfTeam, by=models.MemberOfTeam.team_id, oldest=models.MemberOfTeam.joined_team_at),
            "Its work.",
        )

    return Toy


def rows_as_a_value() -> type:
    @value
    class Label:
        """A word."""

        text: str = strawberry.field(description="As it is written.")

    @record(models.Team)
    class Toy:
        """A toy."""

        labels: list[Label] = edge(
            many(models.TeamMember, by=models.TeamMember.team_id, order=[models.TeamMember.joined_at]), "Its labels."
        )

    return Toy


def joined_by_what_its_rows_lack() -> type:
    @record(models.Team)
    class Toy:
        """A toy."""

        member: Member | None = edge(one(models.TeamMember.member_id, models.Member), "Who plays with it.")

    return Toy


def column_of_another_table() -> type:
    @record(models.Team)
    class Toy:
        """A toy."""

        name: str = column(models.Project.name, "What it is called.")

    return Toy


def computed_of_another_table() -> type:
    @record(models.Team)
    class Toy:
        """A toy."""

        name: str = computed(Computed((models.Team.name, models.Project.name), str.__add__), "What it is called.")

    return Toy


def nullable_column_not_null() -> type:
    @record(models.Invoice)
    class Toy:
        """A toy."""

        number: str = column(models.Invoice.number, "Its number.")  # type: ignore[assignment]

    return Toy


def column_that_is_never_null() -> type:
    @record(models.Team)
    class Toy:
        """A toy."""

        name: str | None = column(models.Team.name, "What it is called.")

    return Toy


def guarded_without_organization() -> type:
    @record(models.Price)
    class Toy:
        """A toy."""

        version: int | None = column(models.Price.version, "Which.", access=TEAMS)

    return Toy


def guarded_type_without_organization() -> type:
    @node("toy", models.Plan, access=TEAMS)
    class Toy:
        """A toy."""

        name: str = column(models.Plan.name, "What it is called.")

    @record(models.PlanSubscription)
    class Box:
        """Where a toy is."""

        toy: Toy | None = edge(one(models.PlanSubscription.plan_id, models.Plan), "What is inside.")

    return Box


def guarded_value() -> type:
    @value
    class Toy:
        """A toy."""

        name: str | None = strawberry.field(description="What it is called.", directives=needing(TEAMS))

    return Toy


@pytest.mark.usefixtures("toys")
@pytest.mark.parametrize(
    ("toy", "reason"),
    [
        (untagged, "Toy.id is neither guarded by access= nor on the public list"),
        (guarded_not_null, "Toy.name is guarded and must be nullable"),
        (other_than_its_interface, "@access of Toy.name differs from Named.name"),
        (takes_other_than_its_interface, "@access of Toy.name differs from Named.name"),
        (undeclared, "Toy is neither node, record nor value"),
        (undeclared_field, "Toy.name is not declared with column, computed, edge or resolver"),
        (wrong_noun, "Toy.projects is Project, its rows are Member"),
        (rows_as_a_value, "Toy.labels is Label, its rows are TeamMember"),
        (joined_by_what_its_rows_lack, "Toy.member goes by member_id, which its rows do not have"),
        (column_of_another_table, "Toy.name reads Project.name, which its rows do not have"),
        (computed_of_another_table, "Toy.name reads Project.name, which its rows do not have"),
        (nullable_column_not_null, "Toy.number: null in GraphQL and in PostgreSQL differ"),
        (column_that_is_never_null, "Toy.name: null in GraphQL and in PostgreSQL differ"),
        (guarded_without_organization, "Toy.version is guarded, but its rows are no organization's"),
        (guarded_type_without_organization, "Toy is guarded, but its rows are no organization's"),
        (guarded_value, "Toy.name is guarded, but has no row to judge by"),
    ],
)
def test_wrong_declaration_stops_the_start(toy: Callable[[], type], reason: str) -> None:
    public = {"Query.toy"} | ({"Toy.id"} if toy is guarded_not_null else set())
    with pytest.raises(TypeError, match=f"^{re.escape(reason)}$"):
        build(root(toy()), frozenset(public))


@pytest.mark.usefixtures("toys")
def test_guarded_column_may_be_null_in_graphql_alone() -> None:
    @node("toy", models.Team)
    class Toy:
        """A toy."""

        name: str | None = column(models.Team.name, "What it is called.", access=TEAMS)

    assert build(root(Toy), frozenset({"Query.toy", "Toy.id"})).need("Toy", "name") == TEAMS.bit


def test_public_list_is_what_stops_the_start() -> None:
    with pytest.raises(TypeError, match=r"^Query\.plans is neither guarded by access= nor on the public list$"):
        build(public=PUBLIC - {"Query.plans"})


def test_lists_are_not_ordered_by_what_may_be_null() -> None:
    with pytest.raises(TypeError, match=r"nullable columns cannot order a list: \[Invoice\.issued_at\]"):
        pages(models.Invoice, by=models.Invoice.organization_id, newest=models.Invoice.issued_at)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"nullable columns cannot order a list: \[Invoice\.number\]"):
        many(models.Invoice, by=models.Invoice.organization_id, order=[models.Invoice.number])
