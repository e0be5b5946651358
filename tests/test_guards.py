"""Guards at run time and in views, on a toy schema: arguments, enum values and input fields, each with @access."""

from collections.abc import AsyncIterator
from enum import Enum
from typing import Any

import pytest
import strawberry

import models
from execution.engine import Asked, Engine
from models import Permission
from resolvers.cursors import Cursors
from schema import query
from schema.access import needing
from schema.build import Schema, build
from schema.declare import NOUNS, VALUES, column, node, resolver
from schema.sdl import printed
from tests.asking import Ask, asking_world
from tests.world_rows import TOKENS
from tests.worlds import World

TEAMS = Permission.VIEW_TEAMS


@strawberry.enum(description="What may be asked about.")
class Part(Enum):
    PLAN = strawberry.enum_value("PLAN", description="The plan.")
    TEAM = strawberry.enum_value("TEAM", description="The teams.", directives=needing(TEAMS))


@strawberry.enum(description="What nobody else may say.")
class Secret(Enum):
    TEAM = strawberry.enum_value("TEAM", description="The teams.", directives=needing(TEAMS))


@strawberry.input(description="A wish inside another.")
class Wish:
    plan: str | None = strawberry.field(default=None, description="About the plan.")
    team: str | None = strawberry.field(default=None, description="About a team.", directives=needing(TEAMS))
    parts: list[Part] | None = strawberry.field(default=None, description="About these.")
    wishes: list["Wish"] | None = strawberry.field(default=None, description="Further ones.")


@strawberry.input(description="What cannot be said without the permission.")
class Demand:
    team: str = strawberry.field(description="About a team.", directives=needing(TEAMS))


async def later(_row: Any, _info: Any) -> list[Part]:
    return [Part.PLAN, Part.TEAM]


def toys() -> Schema:
    @node("org", models.Organization)
    class Organization:
        """A toy."""

        name: str = column(models.Organization.name, "What it is called.")
        ask: str | None = resolver(
            lambda _row, _info, **_: "heard",
            "Answers.",
            takes={
                "part": (Part | None, "About what."),
                "parts": (list[Part] | None, "About what all."),
                "wish": (Wish | None, "In detail."),
                "team": (str | None, "About a team.", TEAMS),
                "secret": (Secret | None, "In secret."),
                "demand": (Demand | None, "Loudly."),
            },
        )
        insist: str | None = resolver(lambda *_, **__: "heard", "Answers.", takes={"demand": (Demand, "Loudly.")})
        open: Part | None = resolver(lambda *_: Part.PLAN, "Says what everybody may hear.")
        part: Part | None = resolver(lambda *_: Part.TEAM, "Says what not everybody may hear.")
        parts: list[Part] | None = resolver(later, "Says both, later.")

    @strawberry.type(description="The root.")
    class Query:
        organization: Organization | None = resolver(
            query.organization, "By slug.", takes={"slug": (str, "Its name in addresses.")}
        )

    public = {f"Organization.{name}" for name in ("id", "name", "ask", "insist", "open", "part", "parts")}
    return build(Query, frozenset(public | {"Query.organization"}))


@pytest.fixture(scope="module")
def schema() -> Schema:
    nouns, values = dict(NOUNS), set(VALUES)
    try:
        return toys()
    finally:
        NOUNS.clear()
        NOUNS.update(nouns)
        VALUES.intersection_update(values)


@pytest.fixture(scope="module")
async def ask(server_url: str) -> AsyncIterator[Ask]:
    async with asking_world(server_url, World.BASE) as ask:
        yield ask


@pytest.fixture
def engine(schema: Schema, ask: Ask) -> Engine:
    return Engine(schema, ask.server.database, Cursors(b"toys"), ask.server.room)


async def answer(engine: Engine, ask: Ask, role: str, slug: str, field: str) -> Any:
    viewer = await ask.server.authenticate.viewer(str(TOKENS[role]), None)
    asked = Asked(f'{{ organization(slug: "{slug}") {{ {field} }} }}', {})
    return (await engine.answer(asked, viewer)).body


GUARDED = [
    'ask(team: "red")',
    "ask(part: TEAM)",
    "ask(parts: [PLAN, TEAM])",
    'ask(wish: { team: "red" })',
    "ask(wish: { parts: [TEAM] })",
    'ask(wish: { wishes: [{ plan: "basic" }, { wishes: [{ team: "red" }] }] })',
    "ask(secret: TEAM)",
    'ask(demand: { team: "red" })',
    'insist(demand: { team: "red" })',
]
OPEN = [
    "ask",
    "ask(part: PLAN)",
    "ask(part: null)",
    "ask(parts: [PLAN])",
    'ask(wish: { plan: "basic", parts: [PLAN], wishes: [{}] })',
]


@pytest.mark.parametrize("field", GUARDED)
async def test_what_is_given_is_judged_by_the_organization_of_the_row(engine: Engine, ask: Ask, field: str) -> None:
    name = field.partition("(")[0]
    assert await answer(engine, ask, "mixed", "globex", field) == {"data": {"organization": {name: "heard"}}}
    refused = await answer(engine, ask, "mixed", "acme", field)
    assert refused["data"] == {"organization": {name: None}}
    assert [(e["message"], e["extensions"]) for e in refused["errors"]] == [
        ("You may not see this.", {"code": "FORBIDDEN"})
    ]


@pytest.mark.parametrize("field", GUARDED)
async def test_what_is_given_is_unknown_where_it_is_hidden(engine: Engine, ask: Ask, field: str) -> None:
    refused = await answer(engine, ask, "billing", "acme", field)
    assert "data" not in refused
    assert {error["extensions"]["code"] for error in refused["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize(
    ("field", "hidden", "typo"),
    [
        ('ask(team: "red")', "team", "taem"),
        ("ask(part: TEAM)", "TEAM", "TAEM"),
        ("ask(parts: [PLAN, TEAM])", "TEAM", "TAEM"),
        ('ask(wish: { team: "red" })', "team", "taem"),
        ("ask(secret: TEAM)", "secret", "sceret"),
        ("ask(demand: { parts: [] })", "demand", "dnamed"),
        ("insist", "insist", "inssit"),
    ],
)
async def test_hidden_words_are_answered_like_typos(
    engine: Engine, ask: Ask, field: str, hidden: str, typo: str
) -> None:
    told = await answer(engine, ask, "billing", "acme", field)
    mistyped = await answer(engine, ask, "billing", "acme", field.replace(hidden, typo))
    assert hidden in str(told)
    assert str(told).replace(hidden, typo) == str(mistyped)


@pytest.mark.parametrize("role", ["mixed", "billing"])
@pytest.mark.parametrize("field", OPEN)
async def test_what_is_not_guarded_may_be_given(engine: Engine, ask: Ask, role: str, field: str) -> None:
    assert await answer(engine, ask, role, "acme", field) == {"data": {"organization": {"ask": "heard"}}}


async def test_guarded_values_are_told_to_nobody_else(engine: Engine, ask: Ask) -> None:
    told = await answer(engine, ask, "mixed", "globex", "open part parts")
    assert told == {"data": {"organization": {"open": "PLAN", "part": "TEAM", "parts": ["PLAN", "TEAM"]}}}
    for role in ("mixed", "billing"):
        refused = await answer(engine, ask, role, "acme", "open part parts")
        assert refused["data"] == {"organization": {"open": "PLAN", "part": None, "parts": None}}
        assert sorted(error["path"][-1] for error in refused["errors"]) == ["part", "parts"]
        assert {error["message"] for error in refused["errors"]} == {"You may not see this."}
        assert {error["extensions"]["code"] for error in refused["errors"]} == {"FORBIDDEN"}


def test_views_hold_what_their_mask_grants(schema: Schema, engine: Engine) -> None:
    whole, without = (printed(schema, engine.views.of(mask)) for mask in (TEAMS.bit, 0))
    assert whole.count("@access(permission: VIEW_TEAMS)") == 5
    assert "TEAM" not in without.replace("VIEW_TEAMS", "")
    assert "team" not in without
    # What nothing is left of goes with what it was for.
    assert "Secret" not in without
    assert "Demand" not in without
    assert "insist" not in without
    assert "wish: Wish" in without
