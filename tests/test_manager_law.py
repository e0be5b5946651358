"""The law for every change of billing managers: who may not see a difference is answered the same, byte for byte."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import orjson
import pytest

from models import api_keys
from models.loading import uuid7
from schema import ids
from tests import world_rows
from tests.visitors import Clock, Ground, House, ground
from tests.world_names import World
from tests.world_rows import NOW, TOKENS

WORLDS: tuple[World, World] = ("base", "people")
PAYLOADS = {
    "inviteBillingManagers": "results { email outcome invitation { id status invitedBy { __typename } } }",
    "resendBillingInvitation": "invitation { id email expiresAt invitedBy { __typename } }",
    "revokeBillingInvitation": "invitation { id status invitedBy { __typename } }",
    "removeBillingManager": "removedBillingManagerId",
    "leaveBilling": "removedBillingManagerId",
    "acceptInvitation": "organization { id slug viewerRoles }",
    "declineInvitation": "",
}
WHOLE = """
{ organization(slug: "acme") {
  billingManagers(first: 100) { nodes { id email since invitedBy { __typename } } }
  billingInvitations(first: 100) { nodes { id email status expiresAt invitedBy { __typename } } }
  billingActivity(first: 100) { nodes { id kind at actor { __typename } invitation { id } } }
} }
"""
TOLD = ("invitation", "removed")  # the mails to others than administrators


@dataclass
class Told:
    """What came of a request: its answer to the byte, and the number of statements that it took."""

    asked: str
    status: int
    headers: Any
    body: bytes
    statements: int


class Ids:
    """The same ids for the same request, whatever was done before it."""

    def __init__(self) -> None:
        self.turns = count()

    def __call__(self, at: datetime) -> UUID:
        return uuid7(at, next(self.turns))


@pytest.fixture(scope="module")
async def place(server_url: str) -> AsyncIterator[Ground]:
    async with ground(server_url) as opened:
        yield opened


def statements(place: Ground) -> int:
    """How many there were, those aside by which a connection learns a type once."""
    return len([one for one in place.statements if "typeinfo_tree" not in one and "set_config('jit'" not in one])


def operation(name: str) -> str:
    kind = f"{name[0].upper()}{name[1:]}Input!"
    return f"mutation($input: {kind}) {{ {name}(input: $input) {{ {PAYLOADS[name]} errors {{ code message path }} }} }}"


def every(column: str) -> list[Any]:
    """What is in a column of the accounts of either world."""
    return sorted({row[column] for world in WORLDS for row in world_rows.rows(world)["user_account"]})


def some_ids() -> list[str]:
    """The ids of some of all that is in either world, and hidden roles as if they were billing managers."""
    found = [world_rows.ids(world)[slug] for world in WORLDS for slug in ("acme", "globex")]
    roles = [row["id"] for world in WORLDS for row in world_rows.rows(world)["role_grant"] if row["member_id"]]
    nodes = {some[0] for kinds in found for some in kinds.values()}
    return sorted(nodes | {ids.write("bman", role) for role in roles[::7]} | {"", "bman_", "binv_x"})


def own_ids(kind: str) -> list[str]:
    """The ids that a billing manager of acme sees."""
    return world_rows.ids("base")["acme"][kind]


def grant_of(account: str) -> UUID:
    """The key of somebody's role as billing manager of acme."""
    rows, digest = world_rows.rows("base"), api_keys.digest(TOKENS[account] or "")
    user = next(row["user_id"] for row in rows["api_key"] if row["digest"] == digest)
    found: UUID = next(row["id"] for row in rows["role_grant"] if row["user_id"] == user and not row["member_id"])
    return found


def changes() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each mutation about everything that there is; what ends the viewer's own role comes last."""
    acme, globex = (world_rows.ids("base")[slug]["Organization"][0] for slug in ("acme", "globex"))
    for email in every("email"):
        yield "inviteBillingManagers", {"organizationId": acme, "emails": [email, "no address", email.upper()]}
    for organization in (acme, globex, "org_x"):
        for emails in ([], ["new@acme.test"], [f"a{number}@x.test" for number in range(51)]):
            yield "inviteBillingManagers", {"organizationId": organization, "emails": emails}
    for name in ("resendBillingInvitation", "revokeBillingInvitation"):
        for id_ in [*some_ids(), *own_ids("BillingInvitation")]:
            yield name, {"billingInvitationId": id_}
    for token in ("", "unknown", "token 1", "token 2"):
        yield "acceptInvitation", {"token": token}
        yield "declineInvitation", {"token": token}
    own = ids.write("bman", grant_of("billing"))
    for id_ in [one for one in [*some_ids(), *own_ids("BillingManager")] if one != own]:
        yield "removeBillingManager", {"billingManagerId": id_}
    yield "leaveBilling", {"organizationId": globex}
    yield "leaveBilling", {"organizationId": acme}


async def story(place: Ground, world: World, account: str) -> tuple[list[Told], list[Any]]:
    """All answers to somebody in a world, and the mails that others than administrators get."""
    await world_rows.load(place.connection, world)
    clock, ids_, tokens = Clock(), Ids(), count()
    clock.now = NOW
    house = House(place, clock, ids=ids_, tokens=lambda: f"token {next(tokens)}")
    key = TOKENS[account]
    headers = {"x-request-id": "the-same"} | ({"authorization": f"Bearer {key}"} if key else {})
    found = []
    async with house.visit(**headers) as browser:
        for number, (name, given) in enumerate(changes()):
            asked = given if "token" in given else given | {"idempotencyKey": f"key {number}"}
            for query, variables in ((operation(name), {"input": asked}), (WHOLE, {}))[: 2 if number % 5 == 0 else 1]:
                clock.now += timedelta(seconds=1)
                ids_.turns = count()
                place.statements.clear()
                answer = await browser.post("/graphql", json={"query": query, "variables": variables})
                await asyncio.sleep(0)  # the last statement is noted
                told = f"{name} {asked}" if variables else f"all behind {name} {asked}"
                found.append(Told(told, answer.status_code, answer.headers.raw, answer.content, statements(place)))
    jobs = await place.connection.fetch("select payload from job where kind = 'mail' order by created_at, id")
    mails = [orjson.loads(row["payload"]) for row in jobs]
    return found, [mail for mail in mails if mail["message"] in TOLD]


@pytest.mark.parametrize("account", ["billing", "outsider", "none"])
async def test_every_change_is_answered_the_same_whoever_works_there(place: Ground, account: str) -> None:
    (first, mails), (second, others) = [await story(place, world, account) for world in WORLDS]
    for one, other in zip(first, second, strict=True):
        assert one == other
    assert mails == others
    done = [told for told in first if b'"errors":[]' in told.body]
    assert bool(done) is (account == "billing")
    if done:
        assert {told.asked.split()[0] for told in done} >= PAYLOADS.keys() - {"acceptInvitation", "declineInvitation"}
