"""The law: two installations that differ only in what somebody may not see answer him byte for byte the same.

PURSER_LAW=all asks every operation in every scope; otherwise it is a share of them, always the same.
"""

import os
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain
from random import Random
from typing import Any
from uuid import UUID

import orjson
import pytest
from graphql import GraphQLSchema, build_client_schema, get_introspection_query, is_object_type

from execution.documents import Document, Documents
from schema import ids as typeids
from schema.query import BY_PREFIX
from schema.views import Views
from tests.asking import Answer, Ask, asking_world, token
from tests.operations import GATEWAY, PLANS, VIEWER, Operation, Writing, organization, quoted, whether_there
from tests.world_differences import differences
from tests.world_names import ORGANIZATIONS, WORD, WORLDS
from tests.world_rows import canaries, ids
from tests.world_sight import MONEY, WORK
from tests.worlds import World

ALL = os.environ.get("PURSER_LAW") == "all"
SHARE = 1.0 if ALL else 0.1
IDS = 1_000 if ALL else 5  # of each type of each organization in each world
STEP = 12  # items of a page on a walk through a list
SCOPES = (None, "acme", "globex", "initech", "unknown")
# Where an account of the worlds has a role.
HOMES = {
    **dict.fromkeys(("owner", "admin", "member", "billing", "both"), ("acme",)),
    "mixed": ("acme", "globex"),
    "outsider": ("initech",),
    "none": (),
}
# Who cannot tell a world from base; mixed, as long as he asks within acme, where he is billing manager only.
SAME: dict[World, tuple[str, ...]] = {
    World.PEOPLE: ("billing", "mixed", "outsider", "none"),
    World.BILLING: ("member", "outsider", "none"),
    World.TENANT: ("owner", "admin", "member", "billing", "both", "mixed", "none"),
}
BLIND_SCOPES = {"mixed": ("acme", "initech", "unknown")}
# Who sees what is other in a world.
SEEING = {World.PEOPLE: "owner", World.BILLING: "owner", World.TENANT: "mixed"}
WORK_TYPES = {"Member", "Team", "Project", "Resource", "Activity"}
MONEY_TYPES = {"PlanSubscription", "PaymentMethod", "Payment", "Invoice", "BillingManager", "BillingInvitation"}
MONEY_TYPES |= {"BillingActivity"}
# What is other in a world, as those are told who may see it; of a metric, its name stays.
ABOUT_WORK = WORK_TYPES | {"User", "OrganizationSettings"}
ABOUT_MONEY = MONEY_TYPES | {"ScheduledChange", "Seats", "UsageMetric", "UsagePoint", "Credit", "CreditNote", "Refund"}
ABOUT_MONEY |= {"InvoiceLine", "TaxLine", "BillingProfile", "NextAction", "Usage"}
HIDDEN = {World.PEOPLE: ABOUT_WORK, World.BILLING: ABOUT_MONEY, World.TENANT: ABOUT_WORK | ABOUT_MONEY}
# Operations that tell nobody anything: of no organization, no object, no price.
OF_WRITES = (
    r"^(Mutation|Subscription|UserError|OrganizationChange|InviteResult|InvitationPreview|Session|Quote|QuoteLine)$"
    r"|Payload$"
)
OF_NOTHING = r"unknown|XTS|node\(id:"

Place = tuple[str | None, str]  # scope, what was asked
Coordinate = tuple[str, str]
Told = dict[Coordinate, list[Any]]
WRITTEN: dict[tuple[str, str | None, Writing], tuple[Operation, ...]] = {}


@dataclass
class Record:
    """What somebody was told in a world, by what he asked in which scope."""

    answers: dict[Place, Answer] = field(default_factory=dict)
    operations: dict[Place, Operation] = field(default_factory=dict)

    def within(self, scopes: Iterable[str | None]) -> dict[Place, Answer]:
        return {place: answer for place, answer in self.answers.items() if place[0] in scopes}

    @property
    def asked(self) -> Iterator[tuple[Operation, Any]]:
        """The operations, each with its data."""
        return ((one, self.answers[place].json.get("data")) for place, one in self.operations.items())


@dataclass(frozen=True)
class Asking:
    """Somebody who asks a world, in one scope; `record` keeps what he is told."""

    ask: Ask
    account: str
    scope: str | None
    record: Record

    async def everything(self) -> None:
        """Whatever his view of the schema allows, what it does not, and the schema itself."""
        sdl = await self.ask.sdl(key=token(self.account), scope=self.scope)
        self.record.answers[self.scope, "GET /schema.graphql"] = sdl
        introspected = await self.asked(Operation(get_introspection_query()))
        writing = written_for(introspected.body)
        for operation in self.operations(writing):
            await self.asked(operation)
        natural = BLIND_SCOPES.get(self.account, SCOPES)[0]
        for name in writing.branches("Organization"):
            if self.scope == natural and writing.pages("Organization", name):
                await self.walked(name, "first", "after", ("hasNextPage", "endCursor"))
                await self.walked(name, "last", "before", ("hasPreviousPage", "startCursor"))

    def operations(self, writing: Writing) -> tuple[Operation, ...]:
        """Those that need no answer to be written."""
        place = (self.account, self.scope, writing)
        if place not in WRITTEN:
            WRITTEN[place] = (*self.written(writing), *self.identified(writing))
        return WRITTEN[place]

    def written(self, writing: Writing) -> Iterator[Operation]:
        """Every way from every root, and every list; where his rights end, what is there for others."""
        home = [organization(slug) for slug in HOMES[self.account] if self.scope in (None, slug)]
        roots = [VIEWER, *PLANS, *(organization(slug) for slug in (*ORGANIZATIONS, "unknown"))]
        yield from writing.below(VIEWER, 4)
        yield from writing.below(GATEWAY)
        yield from share(chain.from_iterable(map(writing.below, home)), SHARE if self.scope else 1.0)
        yield from share(chain.from_iterable(map(writing.below, roots)), SHARE / 2)
        yield from share(chain.from_iterable(map(writing.ways, home)))
        yield from share(chain.from_iterable(writing.lists(root) for root in home), 2 * SHARE)
        yield from everybodys(self.ask.server.schema.graphql)

    def identified(self, writing: Writing) -> Iterator[Operation]:
        """Every object by its id, and ids of nothing."""
        names = sorted({name for _, _, name in every_id()} | set(ids_of_nothing()))
        yield from share(whether_there(names), 3 * SHARE if self.scope else 1.0)
        yield from share(writing.node(name, kind) for _, kind, name in every_id() if kind in writing.nodes())

    async def walked(self, name: str, size: str, beyond: str, info: tuple[str, str]) -> None:
        """Through a list to its end, by the cursors that he is given."""
        (more, end), place = info, [""]
        while place:
            items = f"edges {{ cursor node {{ id }} }} pageInfo {{ {more} {end} }}"
            text = f'{{ organization(slug: "acme") {{ {name}({size}: {STEP}{place.pop()}) {{ {items} }} }} }}'
            data = (await self.asked(Operation(text))).json["data"]
            page = data["organization"] and data["organization"][name]
            place += [f", {beyond}: {quoted(page['pageInfo'][end])}"] if page and page["pageInfo"][more] else []

    async def asked(self, operation: Operation) -> Answer:
        found = await self.ask(
            operation.text,
            operation.variables,
            key=token(self.account),
            scope=self.scope,
            operation=operation.name,
            by_get=operation.by_get,
        )
        place = (self.scope, f"{operation.text} {operation.variables}")
        self.record.operations[place] = operation
        self.record.answers[place] = found
        return found


class Library:
    """What everybody was told in base and in the worlds that he cannot tell from it: asked for once."""

    def __init__(self, asks: dict[World, Ask]) -> None:
        self.asks = asks
        self._records: dict[str, dict[World, Record]] = {}

    async def of(self, account: str) -> dict[World, Record]:
        if account not in self._records:
            worlds = [World.BASE, *(world for world in SAME if account in SAME[world] or account == SEEING[world])]
            found = self._records[account] = {world: Record() for world in worlds}
            for scope in SCOPES:
                for world, record in found.items():
                    await Asking(self.asks[world], account, scope, record).everything()
        return self._records[account]


class Kept(Documents):
    """Documents of which none is forgotten, nor judged again if it was found wrong."""

    def __init__(self, views: Views) -> None:
        super().__init__(views)
        self._all: dict[tuple[int, str], Document] = {}

    def of(self, text: str, granted: int) -> Document:
        place = (self._views.mask(granted), text)
        if place not in self._all:
            self._all[place] = super().of(text, granted)
        return self._all[place]


@pytest.fixture(scope="module")
async def library(server_url: str) -> AsyncIterator[Library]:
    async with AsyncExitStack() as stack:
        asks = {world: await stack.enter_async_context(asking_world(server_url, world)) for world in World}
        documents = Kept(asks[World.BASE].server.engine.views)
        for ask in asks.values():  # what is parsed and judged depends on the schema alone, and takes much of the time
            ask.server.engine.documents = documents
        yield Library(asks)


@cache
def written_for(introspected: bytes) -> Writing:
    """What writes operations for a view, by the answer to introspection."""
    return Writing(build_client_schema(orjson.loads(introspected)["data"]))


@cache
def everybodys(schema: GraphQLSchema) -> tuple[Operation, ...]:
    """A part of the ways that there are for anybody."""
    return tuple(share(Writing(schema).ways(organization("acme")), SHARE / 4))


def share(operations: Iterable[Operation], part: float = SHARE) -> Iterator[Operation]:
    """A part of them, which does not change."""
    draw = Random("a share of the operations")  # noqa: S311  # repeatable, not secret
    return (operation for operation in operations if draw.random() < part)


def every_id() -> list[tuple[str, str, str]]:
    """Organization, type and id of the nodes of all worlds, each once."""
    return sorted(
        {
            (slug, kind, name)
            for world in WORLDS
            for slug, kinds in ids(world).items()
            for kind, names in kinds.items()
            for name in names[:IDS]
        }
    )


def ids_of_nothing() -> Iterator[str]:
    """For each prefix an id of no row and one of another type's row; then what is no id at all."""
    foreign = [name.partition("_")[2] for _, _, name in every_id()]
    for place, prefix in enumerate((*BY_PREFIX, "user", "key", "price", "nothing")):
        yield typeids.write(prefix, UUID(int=place))
        yield f"{prefix}_{foreign[7 * place]}"
    yield from ("", "_", "inv_", "inv_0", "org_zzzzzzzzzzzzzzzzzzzzzzzzzz", "acme")


def values(found: Any) -> Iterator[tuple[Coordinate, Any]]:
    """The values in data by type and field; operations ask for `__typename` everywhere."""
    if isinstance(found, list):
        for one in found:
            yield from values(one)
    elif isinstance(found, dict):
        for name, one in found.items():
            if "__typename" in found and one is not None:
                yield (found["__typename"], name), one
            yield from values(one)


def gathered(answers: Iterable[Answer]) -> Told:
    found: defaultdict[Coordinate, list[Any]] = defaultdict(list)
    for answer in answers:
        for coordinate, value in values(answer.json.get("data") if answer.body[:1] == b"{" else None):
            found[coordinate].append(value)
    return found


def told(value: Any) -> bool:
    """Whether there is anything but null in a value."""
    if isinstance(value, dict):
        return any(told(one) for name, one in value.items() if name != "__typename")
    return any(map(told, value)) if isinstance(value, list) else value is not None


@pytest.mark.parametrize("world", SAME)
def test_a_world_differs_in_every_hidden_value(world: World) -> None:
    assert differences(world.value) == []


async def test_each_operation_is_answered_for_somebody(library: Library) -> None:
    records = [(await library.of(account))[World.BASE] for account in HOMES]
    asked = [(operation, told(data)) for record in records for operation, data in record.asked if not operation.wrong]
    unanswered = {operation for operation, _ in asked} - {operation for operation, something in asked if something}
    for one in set(map(at_home, unanswered)):
        if not re.search(f"{OF_NOTHING}|sessions", f"{one.text} {one.variables}"):
            answer = await library.asks[World.BASE](one.text, one.variables, key=token("owner"), operation=one.name)
            assert told(answer.json.get("data")), one


def at_home(operation: Operation) -> Operation:
    """The same of acme, where an owner is asked who sees everything."""
    slugs, given = "|".join(ORGANIZATIONS), operation.variables
    variables = given | {name: re.sub(slugs, "acme", value) for name, value in given.items() if isinstance(value, str)}
    return replace(operation, text=re.sub(slugs, "acme", operation.text), variables=variables)


async def test_each_field_of_the_schema_was_told_to_somebody(library: Library) -> None:
    found: set[Coordinate] = set()
    for account in HOMES:
        records = await library.of(account)
        found |= {place for _, data in records[World.BASE].asked for place, _ in values(data)}
    kinds = library.asks[World.BASE].server.schema.graphql.type_map.values()
    ours = [kind for kind in kinds if is_object_type(kind) and not kind.name.startswith("__") and kind.name != "Query"]
    untold = {(kind.name, name) for kind in ours for name in kind.fields} - found
    # What changes something is judged by its verb, a key sees no sessions and holds no invitation, and in the worlds
    # nobody takes cards.
    untellable = {("Viewer", "sessions"), ("Gateway", "publishableKey")}
    assert {place for place in untold if not re.search(OF_WRITES, place[0])} == untellable & untold


@pytest.mark.parametrize("world", SAME)
async def test_what_is_hidden_is_told_differently_to_others(library: Library, world: World) -> None:
    records = await library.of(SEEING[world])
    base, other = (gathered(records[one].within([None]).values()) for one in (World.BASE, world))
    hidden = {place for place in base if place[0] in HIDDEN[world] and place[1] != "__typename"}
    assert len(hidden) > 20
    assert {place for place in hidden if base[place] == other[place]} == set()


@pytest.mark.parametrize(("world", "account"), [(world, account) for world in SAME for account in SAME[world]])
async def test_a_hidden_difference_changes_no_byte(library: Library, world: World, account: str) -> None:
    records = await library.of(account)
    base, other = (records[one].within(BLIND_SCOPES.get(account, SCOPES)) for one in (World.BASE, world))
    assert [place for place in base if base[place] != other.get(place)] == []
    assert base.keys() == other.keys()


@pytest.mark.parametrize("account", HOMES)
async def test_nobody_reads_a_word_or_an_id_that_is_not_his(library: Library, account: str) -> None:
    words = {one["match"] for one in canaries(*WORLDS) if account in one["roles"]}
    hidden = set(hidden_ids(account))
    for record in (await library.of(account)).values():
        for place, answer in record.answers.items():
            text = f"{answer.headers} {answer.body.decode()}"
            assert set(re.findall(WORD, text)) <= words, place
            assert not hidden & set(re.findall(r"[a-z]+_[0-9a-z]{26}", text)), place


def hidden_ids(account: str) -> Iterator[str]:
    """The ids of what he may not see."""
    for world in WORLDS:
        for slug, kinds in ids(world).items():
            for kind, names in kinds.items():
                seers = WORK[slug] if kind in WORK_TYPES else MONEY[slug] if kind in MONEY_TYPES else {account}
                yield from names if account not in seers else ()
