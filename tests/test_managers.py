"""Removing billing managers: of this role only, at once, by each other, and down to the last."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import datetime, timedelta
from typing import Any

import pytest

import billing.managers
from billing.errors import NotFound
from models import Permission
from models.loading import load
from schema import ids
from tests.accounts import FIRST, SECOND
from tests.company import ACME, ADMIN, MEMBER, OTHER, Company, company
from tests.office import activity, appoint, invited, is_manager, mails, manager, managers, settle, snapshot
from tests.visitors import Ground, ground

TICK = timedelta(microseconds=1)
PLAN = '{ organization(slug: "acme-1") { subscription { plan { key } } } }'
WHERE = "{ viewer { organizations(first: 10) { nodes { slug viewerRoles } } } }"


@pytest.fixture(scope="module")
async def place(server_url: str) -> AsyncIterator[Ground]:
    async with ground(server_url) as opened:
        yield opened


@pytest.fixture
async def acme(place: Ground) -> AsyncIterator[Company]:
    async with company(place) as opened:
        yield opened


async def together(*asked: Awaitable[Any]) -> list[Any]:
    """All at once: what became of each."""
    return list(await asyncio.gather(*asked))


async def key_of(acme: Company, name: str, made: datetime | None = None, **further: Any) -> str:
    """A key that somebody makes now; `further` says in which organization, and for what."""
    before = len(acme.accounts.rows["api_key"])
    text = acme.accounts.key(acme.users[name], made=made or acme.home.clock.now, **further)
    await load(acme.home.ground.connection, {"api_key": acme.accounts.rows["api_key"][before:]})
    return text


async def status_of(acme: Company, key: str) -> int:
    """How a request with a key is answered."""
    async with acme.home.visit(authorization=f"Bearer {key}") as browser:
        return (await browser.post("/graphql", json={"query": WHERE})).status_code


async def remove(acme: Company, who: str, name: str) -> list[str]:
    """Remove somebody: why not."""
    return await acme.codes(who, "removeBillingManager", billingManagerId=await manager(acme, name))


async def removes(acme: Company, who: str, id_: str) -> bool:
    """Whether somebody removes somebody; when he may not any more, the mutation may be hidden from him already."""
    body = await acme.post(who, REMOVE, input={"billingManagerId": id_, "idempotencyKey": id_})
    if "data" not in body:
        assert {error["extensions"]["code"] for error in body["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}
        return False
    codes = [error["code"] for error in body["data"]["removeBillingManager"]["errors"]]
    assert codes in ([], ["NOT_FOUND"])
    return not codes


@pytest.mark.parametrize("who", ["owner", "admin", "clerk", "both"])
async def test_owner_admin_and_billing_manager_remove(acme: Company, who: str) -> None:
    email = await settle(acme, "ann")
    id_ = await appoint(acme, "ann")
    selection = "removedBillingManagerId"
    payload = await acme.done(who, "removeBillingManager", selection, billingManagerId=id_)
    assert payload["removedBillingManagerId"] == id_
    assert email not in await managers(acme)
    assert ("removed", email) in await mails(acme)
    acted_as = {"owner": "OWNER", "admin": "ADMIN", "clerk": "BILLING_MANAGER", "both": "BILLING_MANAGER"}
    assert (await activity(acme))[-1] == f"BILLING_MANAGER_REMOVED {acted_as[who]}"


async def test_a_billing_manager_removes_himself_and_leaves(acme: Company) -> None:
    assert await remove(acme, "clerk", "clerk") == []
    payload = await acme.done("both", "leaveBilling", "removedBillingManagerId", organizationId=ACME)
    assert payload["removedBillingManagerId"].startswith("bman_")
    assert await managers(acme) == []
    assert [str(role) for role in await acme.roles("both")] == ["ADMIN"]


LAST_DONE = '{ organization(slug: "acme-1") { billingActivity(first: 2) { nodes { kind actor { __typename } } } } }'


@pytest.mark.parametrize("also", ["nothing else", "a member", "an admin"])
async def test_a_billing_manager_who_is_gone_has_been_nothing_else(acme: Company, also: str) -> None:  # cases 53, 54
    email = await settle(acme, "ann")
    if also != "nothing else":
        await acme.accept("ann", await acme.invite(email, ADMIN if also == "an admin" else MEMBER))
    await appoint(acme, "ann")
    _, _ = await invited(acme, "bob@people.test", "ann")
    await acme.done("ann", "leaveBilling", organizationId=ACME)
    nodes = (await acme.ask("clerk", LAST_DONE))["organization"]["billingActivity"]["nodes"]
    former = {"__typename": "FormerUser"}
    assert nodes == [
        {"kind": "BILLING_MANAGER_REMOVED", "actor": former},
        {"kind": "BILLING_MANAGER_INVITED", "actor": former},
    ]


@pytest.mark.parametrize("who", ["owner", "member", "second"])
async def test_who_is_no_billing_manager_has_nothing_to_leave(acme: Company, who: str) -> None:
    before = await acme.roles(who)
    assert await acme.codes(who, "leaveBilling", organizationId=ACME) == ["NOT_FOUND"]
    assert await acme.roles(who) == before


async def test_the_last_one_may_go_and_the_owners_are_warned(acme: Company) -> None:  # case 34
    assert await remove(acme, "owner", "both") == []
    assert [message for message, _ in await mails(acme)] == ["removed"]
    assert await acme.codes("clerk", "leaveBilling", organizationId=ACME) == []
    assert await managers(acme) == []
    assert (await mails(acme))[1:] == [
        ("removed", acme.email("clerk")),
        ("no_manager_left", acme.email("owner")),
        ("no_manager_left", acme.email("second")),
    ]
    assert (await acme.ask("owner", PLAN))["organization"]["subscription"]
    await settle(acme, "ann")
    await appoint(acme, "ann")


@pytest.mark.parametrize("turn", range(4))
async def test_two_who_remove_each_other_at_once(acme: Company, turn: int) -> None:  # case 35
    await settle(acme, "ann")
    await appoint(acme, "ann")
    pair = ("ann", "clerk") if turn % 2 else ("clerk", "ann")
    keys = [await manager(acme, name) for name in pair]
    before = len(await activity(acme))
    found = await together(removes(acme, pair[0], keys[1]), removes(acme, pair[1], keys[0]))
    assert sorted(found) == [False, True]  # whoever comes second is billing manager no more
    assert await is_manager(acme, pair[0]) is not await is_manager(acme, pair[1])
    assert len(await activity(acme)) == before + 1


async def test_two_administrators_who_remove_each_other_at_once_are_both_gone(acme: Company) -> None:  # case 35
    await appoint(acme, "admin")
    keys = {name: await manager(acme, name) for name in ("admin", "both")}
    before = len(await activity(acme))
    found = await together(
        acme.codes("admin", "removeBillingManager", billingManagerId=keys["both"]),
        acme.codes("both", "removeBillingManager", billingManagerId=keys["admin"]),
    )
    assert found == [[], []]
    assert await managers(acme) == [acme.email("clerk")]
    assert len(await activity(acme)) == before + 2


async def test_many_who_remove_each_other_leave_one_and_wait_for_nobody(acme: Company) -> None:  # case 35
    names = [f"manager {number}" for number in range(8)]
    for name in names:
        await settle(acme, name, f"{name.replace(' ', '-')}@people.test")
        await appoint(acme, name)
    keys = {name: await manager(acme, name) for name in names}
    pairs = [(who, whom) for who in names for whom in names if who != whom]
    found = await together(*(removes(acme, who, keys[whom]) for who, whom in pairs))
    # Of any two who are left, one would have removed the other.
    assert found.count(True) == len(names) - 1
    assert len(await managers(acme)) == 2 + 1


async def test_an_owner_keeps_his_rights_when_he_is_billing_manager_no_more(acme: Company) -> None:  # case 36
    await appoint(acme, "owner")
    assert acme.email("owner") in await managers(acme)
    assert await remove(acme, "clerk", "owner") == []
    assert acme.email("owner") not in await managers(acme)
    assert [str(role) for role in await acme.roles("owner")] == ["OWNER"]
    assert (await acme.ask("owner", PLAN))["organization"]["subscription"]


async def test_rights_are_read_again_when_the_change_begins(acme: Company) -> None:  # case 40
    gate = acme.home.ground.connection.transaction()
    await gate.start()
    await acme.home.execute("select 1 from organization where id = $1 for update", FIRST)
    asked = [
        asyncio.create_task(acme.codes("clerk", "inviteBillingManagers", organizationId=ACME, emails=["a@x.test"])),
        asyncio.create_task(acme.refused("both", LEAVE_AND_INVITE, one=left(), two=inviting())),
    ]
    await waiting(acme, 2)
    await acme.home.execute("delete from role_grant where user_id = $1", acme.users["clerk"])
    await gate.commit()
    assert await together(*asked) == [["NOT_FOUND"], set()]
    assert await mails(acme) == [("removed", acme.email("both")), *warned(acme), ("invitation", "b@x.test")]


def left() -> dict[str, Any]:
    return {"organizationId": ACME, "idempotencyKey": "leave"}


def inviting() -> dict[str, Any]:
    return {"organizationId": ACME, "emails": ["b@x.test"], "idempotencyKey": "invite"}


def warned(acme: Company) -> list[tuple[str, str]]:
    return [("no_manager_left", acme.email(name)) for name in ("owner", "second")]


async def waiting(acme: Company, count: int) -> None:
    """Until so many statements of the server wait for a lock."""
    blocked = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    while await acme.home.value(blocked) < count:  # noqa: ASYNC110  # it happens in another process
        await asyncio.sleep(0.01)


LEAVE_AND_INVITE = """
mutation($one: LeaveBillingInput!, $two: InviteBillingManagersInput!) {
  leaveBilling(input: $one) { errors { code } }
  inviteBillingManagers(input: $two) { results { outcome } errors { code } }
}
"""


async def test_of_two_mutations_in_a_row_the_second_sees_that_the_role_is_gone(acme: Company) -> None:  # case 40
    body = await acme.post("clerk", LEAVE_AND_INVITE, one=left(), two=inviting())
    assert body["data"]["leaveBilling"]["errors"] == []
    assert body["data"]["inviteBillingManagers"] == {"results": [], "errors": [{"code": "NOT_FOUND"}]}
    assert ("invitation", "b@x.test") not in await mails(acme)


async def test_a_removed_managers_keys_are_good_for_nothing(acme: Company) -> None:  # case 41
    keys = [await key_of(acme, "clerk"), await key_of(acme, "clerk", organization=FIRST)]
    await acme.home.execute("update api_key set made_as = 'BILLING_MANAGER' where user_id = $1", acme.users["clerk"])
    unknown = "purser_" + "x" * 43
    for key in keys:
        assert (await acme.ask(key, PLAN))["organization"]["subscription"]
    assert await remove(acme, "owner", "clerk") == []
    for key in keys:
        assert await acme.post(key, PLAN) == await acme.post(unknown, PLAN)
        assert await status_of(acme, key) == await status_of(acme, unknown) == 401


async def test_his_keys_for_other_organizations_live_on(acme: Company) -> None:  # case 41
    await acme.done("owner", "inviteBillingManagers", organizationId=OTHER, emails=[acme.email("clerk")])
    assert await acme.accept("clerk", await acme.home.token()) == []
    acme.home.clock.now += TICK
    everywhere, there = await key_of(acme, "clerk"), await key_of(acme, "clerk", organization=SECOND)
    assert await remove(acme, "owner", "clerk") == []
    for key in (everywhere, there):
        nodes = (await acme.ask(key, WHERE))["viewer"]["organizations"]["nodes"]
        assert nodes == [{"slug": "acme-2", "viewerRoles": ["BILLING_MANAGER"]}]


async def test_a_key_that_was_made_as_something_else_keeps_that(acme: Company) -> None:  # case 41
    key = await key_of(acme, "both", organization=FIRST)
    await acme.home.execute("update api_key set made_as = 'ADMIN' where user_id = $1", acme.users["both"])
    assert await remove(acme, "owner", "both") == []
    assert (await acme.ask(key, WHERE))["viewer"]["organizations"]["nodes"] == [
        {"slug": "acme-1", "viewerRoles": ["ADMIN"]}
    ]


async def test_a_key_that_was_made_as_billing_manager_dies_with_that_role(acme: Company) -> None:  # case 41
    key = await key_of(acme, "both", organization=FIRST)
    await acme.home.execute("update api_key set made_as = 'BILLING_MANAGER' where user_id = $1", acme.users["both"])
    assert await remove(acme, "owner", "both") == []
    assert await status_of(acme, key) == 401


async def test_what_died_with_the_role_does_not_revive(acme: Company) -> None:  # case 42
    keys = [await key_of(acme, "clerk"), await key_of(acme, "clerk", organization=FIRST)]
    assert await remove(acme, "owner", "clerk") == []
    acme.home.clock.now += TICK
    old = await manager(acme, "both")
    await appoint(acme, "clerk")
    for key in keys:
        assert await status_of(acme, key) == 401
    acme.home.clock.now += TICK
    assert await status_of(acme, await key_of(acme, "clerk")) == 200
    assert await manager(acme, "clerk") != old


async def test_who_is_no_billing_manager_is_not_found(acme: Company) -> None:  # case 43
    grants = await acme.rows("select id, role from role_grant where organization_id = $1 and role <> 'BILLING_MANAGER'")
    foreign = await appoint_elsewhere(acme)
    given = [
        *(ids.write("bman", row["id"]) for row in grants),
        *(ids.write("bman", user) for user in acme.users.values()),
        *(acme.member(name) for name in ("owner", "admin", "member")),
        ids.write("bman", acme.accounts.new()),
        foreign,
        ACME,
        "bman_",
        "",
    ]
    before = await acme.rows("select * from role_grant where organization_id = $1")
    for id_ in given:
        body = await acme.post("clerk", REMOVE, input={"billingManagerId": id_, "idempotencyKey": id_ or "none"})
        assert body == {"data": {"removeBillingManager": NOT_FOUND}}
    assert await acme.rows("select * from role_grant where organization_id = $1") == before


async def test_no_way_into_a_removal_ends_another_role(acme: Company) -> None:  # case 43
    viewer, room = await acme.viewer("clerk"), acme.home.server.room
    for row in await acme.rows("select id from role_grant where organization_id = $1 and role <> 'BILLING_MANAGER'"):
        with pytest.raises(NotFound):
            await billing.managers.remove(room, viewer, FIRST, None, row["id"])


REMOVE = """
mutation($input: RemoveBillingManagerInput!) {
  removeBillingManager(input: $input) { removedBillingManagerId errors { code message path } }
}
"""
NOT_FOUND = {
    "removedBillingManagerId": None,
    "errors": [
        {"code": "NOT_FOUND", "message": "There is nothing with this id.", "path": ["billingManagerId"]},
    ],
}


async def appoint_elsewhere(acme: Company) -> str:
    """The id of somebody who is billing manager of the other organization."""
    await acme.done("owner", "inviteBillingManagers", organizationId=OTHER, emails=[acme.email("stranger")])
    assert await acme.accept("stranger", await acme.home.token()) == []
    grant = "select id from role_grant where user_id = $1 and role = 'BILLING_MANAGER'"
    return ids.write("bman", await acme.home.value(grant, acme.users["stranger"]))


async def test_removing_twice_is_not_found(acme: Company) -> None:  # case 44
    id_ = await manager(acme, "both")
    assert await acme.codes("clerk", "removeBillingManager", billingManagerId=id_) == []
    before = await activity(acme)
    assert await acme.codes("clerk", "removeBillingManager", billingManagerId=id_) == ["NOT_FOUND"]
    assert await acme.codes("owner", "removeBillingManager", billingManagerId=id_) == ["NOT_FOUND"]
    assert await activity(acme) == before


async def test_at_once_a_billing_manager_is_removed_once(acme: Company) -> None:  # case 44
    id_ = await manager(acme, "both")
    asked = [acme.codes(who, "removeBillingManager", billingManagerId=id_) for who in ("clerk", "owner", "admin") * 5]
    found = await together(*asked)
    assert sorted(found) == [[]] + [["NOT_FOUND"]] * 14
    assert await activity(acme) in [
        [f"BILLING_MANAGER_REMOVED {role}"] for role in ("BILLING_MANAGER", "OWNER", "ADMIN")
    ]
    assert [message for message, _ in await mails(acme)] == ["removed"]


async def test_at_once_with_his_acceptance_of_another_invitation_nobody_is_half_removed(acme: Company) -> None:
    await settle(acme, "ann")
    _, token = await invited(acme, "ann@people.test")
    await acme.accept("ann", token)
    id_ = await manager(acme, "ann")
    found = await together(
        *(acme.accept("ann", token) for _ in range(5)),
        acme.codes("clerk", "removeBillingManager", billingManagerId=id_),
        *(acme.accept("ann", token) for _ in range(5)),
    )
    assert found[5] == []
    assert set(map(tuple, found)) <= {(), ("INVALID_INVITATION",)}
    assert await is_manager(acme, "ann") is False


@pytest.mark.parametrize("chosen", [[Permission.VIEW_PLAN], [Permission.VIEW_BILLING_MANAGERS]])
async def test_a_key_that_may_not_manage_them_changes_nothing(acme: Company, chosen: list[Permission]) -> None:
    key = await key_of(acme, "clerk", permissions=[*chosen, Permission.VIEW_INVOICES])
    before = await snapshot(acme)
    leave = "mutation($input: LeaveBillingInput!) { leaveBilling(input: $input) { errors { code } } }"
    assert await acme.refused(key, leave, input=left()) == {"FORBIDDEN"}
    id_ = await manager(acme, "both")
    hidden = await acme.refused(key, REMOVE, input={"billingManagerId": id_, "idempotencyKey": "one"})
    assert hidden == {"GRAPHQL_VALIDATION_FAILED"}
    after = await snapshot(acme)
    assert after == before | {"api_key": after["api_key"]}  # it was used
