"""Idempotency keys: one effect and one outcome for 24 hours, under the rights of whoever repeats it now."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from billing.answers import LONGEST
from schema import ids
from tests.company import ACME, ADMIN, OTHER, Company, company
from tests.office import RESULTS, activity, appoint, invited, is_manager, mails, manager, settle, snapshot
from tests.visitors import Ground, ground

DAY = timedelta(hours=24)
TICK = timedelta(microseconds=1)
INVITE = f"""
mutation($input: InviteBillingManagersInput!) {{
  inviteBillingManagers(input: $input) {{ {RESULTS} errors {{ code path }} }}
}}
"""
REMOVE = """
mutation($input: RemoveBillingManagerInput!) {
  removeBillingManager(input: $input) { removedBillingManagerId errors { code path } }
}
"""
CONFLICT = {"code": "IDEMPOTENCY_CONFLICT", "path": ["idempotencyKey"]}


@pytest.fixture(scope="module")
async def place(server_url: str) -> AsyncIterator[Ground]:
    async with ground(server_url) as opened:
        yield opened


@pytest.fixture
async def acme(place: Ground) -> AsyncIterator[Company]:
    async with company(place) as opened:
        yield opened


def inviting(*emails: str, key: str = "one", where: str = ACME) -> dict[str, Any]:
    return {"organizationId": where, "emails": list(emails), "idempotencyKey": key}


async def removing(acme: Company, name: str, key: str = "one") -> dict[str, Any]:
    return {"billingManagerId": await manager(acme, name), "idempotencyKey": key}


async def changed(acme: Company, before: Any) -> set[str]:
    """The tables whose rows are others now."""
    return {table for table, rows in (await snapshot(acme)).items() if rows != before[table]}


async def test_the_same_again_has_the_same_answer_and_no_effect(acme: Company) -> None:  # case 44
    first = await acme.post("clerk", INVITE, input=inviting("a@x.test", "no address", "A@x.test"))
    before = await snapshot(acme)
    assert await acme.post("clerk", INVITE, input=inviting("a@x.test", "no address", "A@x.test")) == first
    assert await changed(acme, before) == set()
    outcomes = [one["outcome"] for one in first["data"]["inviteBillingManagers"]["results"]]
    assert outcomes == ["SENT", "INVALID_ADDRESS", "DUPLICATE_IN_REQUEST"]
    assert await mails(acme) == [("invitation", "a@x.test")]


async def test_the_same_key_for_something_else_is_a_conflict(acme: Company) -> None:
    await acme.post("clerk", INVITE, input=inviting("a@x.test"))
    before = await snapshot(acme)
    for emails in (["b@x.test"], ["A@x.test"], ["a@x.test", "b@x.test"], []):
        payload = await acme.do("clerk", "inviteBillingManagers", **inviting(*emails))
        assert payload["errors"] == [CONFLICT]
    assert await acme.codes("clerk", "removeBillingManager", **await removing(acme, "both")) == ["IDEMPOTENCY_CONFLICT"]
    leaving = {"organizationId": ACME, "idempotencyKey": "one"}
    assert await acme.codes("clerk", "leaveBilling", **leaving) == ["IDEMPOTENCY_CONFLICT"]
    assert await changed(acme, before) == set()


async def test_the_same_id_for_another_change_is_a_conflict(acme: Company) -> None:
    invitation, _ = await invited(acme, "a@x.test")
    given = {"billingInvitationId": invitation, "idempotencyKey": "one"}
    assert await acme.codes("clerk", "resendBillingInvitation", **given) == []
    assert await acme.codes("clerk", "revokeBillingInvitation", **given) == ["IDEMPOTENCY_CONFLICT"]


async def test_at_once_the_same_is_done_once(acme: Company) -> None:  # case 44
    found = await asyncio.gather(
        *(acme.post("clerk", INVITE, input=inviting("a@x.test", "b@x.test")) for _ in range(50))
    )
    assert found == found[:1] * 50
    assert await mails(acme) == [("invitation", "a@x.test"), ("invitation", "b@x.test")]
    assert len(await activity(acme)) == 2
    assert await acme.home.value("select count(*) from stored_answer where key = 'one'") == 1


async def test_at_once_one_of_several_takes_the_key(acme: Company) -> None:
    emails = [f"a{number}@x.test" for number in range(20)]
    found = await asyncio.gather(*(acme.do("clerk", "inviteBillingManagers", **inviting(email)) for email in emails))
    assert sorted(bool(one["errors"]) for one in found) == [False] + [True] * 19
    assert [one["errors"] for one in found if one["errors"]] == [[CONFLICT]] * 19
    assert len(await mails(acme)) == 1


@pytest.mark.parametrize(("later", "kept"), [(DAY - TICK, True), (DAY, False), (DAY + TICK, False)])
async def test_an_answer_is_kept_for_exactly_a_day(acme: Company, later: timedelta, kept: bool) -> None:
    await acme.post("clerk", INVITE, input=inviting("a@x.test"))
    acme.home.clock.now += later
    payload = await acme.done("clerk", "inviteBillingManagers", "results { outcome }", **inviting("a@x.test"))
    assert payload["results"] == [{"outcome": "SENT" if kept else "ALREADY_INVITED"}]
    assert len(await mails(acme)) == (1 if kept else 2)
    other = await acme.codes("clerk", "inviteBillingManagers", **inviting("b@x.test"))
    assert other == ["IDEMPOTENCY_CONFLICT"]


async def test_a_key_that_was_forgotten_is_free_for_something_else(acme: Company) -> None:
    await acme.post("clerk", INVITE, input=inviting("a@x.test"))
    acme.home.clock.now += DAY
    assert await acme.codes("clerk", "inviteBillingManagers", **inviting("b@x.test")) == []


async def test_two_ways_to_leave_are_two_requests(acme: Company) -> None:  # cases 44, 101
    given = {"organizationId": ACME, "idempotencyKey": "goodbye"}
    await acme.done("both", "leaveBilling", **given)
    assert await acme.codes("both", "leaveOrganization", **given) == ["IDEMPOTENCY_CONFLICT"]
    assert await acme.roles("both") == [ADMIN]


async def test_each_user_has_keys_of_his_own(acme: Company) -> None:  # case 44
    for who, email in (("clerk", "a@x.test"), ("both", "b@x.test"), ("owner", "c@x.test")):
        assert await acme.codes(who, "inviteBillingManagers", **inviting(email)) == []
    assert [to for _, to in await mails(acme)] == ["a@x.test", "b@x.test", "c@x.test"]


async def test_each_organization_has_keys_of_its_own(acme: Company) -> None:
    assert await acme.codes("owner", "inviteBillingManagers", **inviting("a@x.test")) == []
    assert await acme.codes("owner", "inviteBillingManagers", **inviting("a@x.test", where=OTHER)) == []
    assert await mails(acme) == [("invitation", "a@x.test")] * 2


async def test_a_removal_is_answered_again_when_its_object_is_gone(acme: Company) -> None:  # case 44
    asked = await removing(acme, "both")
    first = await acme.post("clerk", REMOVE, input=asked)
    assert first["data"]["removeBillingManager"]["errors"] == []
    before = await snapshot(acme)
    assert await acme.post("clerk", REMOVE, input=asked) == first
    assert await changed(acme, before) == set()
    other = await acme.do("clerk", "removeBillingManager", **asked | {"idempotencyKey": "two"})
    assert other["errors"] == [{"code": "NOT_FOUND", "path": ["billingManagerId"]}]


async def test_a_removal_is_answered_again_whatever_the_key_did_elsewhere(acme: Company) -> None:
    await settle(acme, "ann")
    for where in (ACME, OTHER):
        await acme.done("owner", "inviteBillingManagers", organizationId=where, emails=["ann@people.test"])
        assert await acme.accept("ann", await acme.home.token()) == []
    grants = await acme.home.ground.connection.fetch(
        "select id from role_grant where user_id = $1 order by since, id", acme.users["ann"]
    )
    for row in grants:
        asked = {"billingManagerId": ids.write("bman", row["id"]), "idempotencyKey": "one"}
        first = await acme.post("owner", REMOVE, input=asked)
        assert first["data"]["removeBillingManager"]["errors"] == []
    for row in grants:
        asked = {"billingManagerId": ids.write("bman", row["id"]), "idempotencyKey": "one"}
        body = await acme.post("owner", REMOVE, input=asked)
        assert body["data"]["removeBillingManager"]["removedBillingManagerId"] == asked["billingManagerId"]


async def test_the_answer_shows_what_there_is_now(acme: Company) -> None:
    first = await acme.done("clerk", "inviteBillingManagers", RESULTS, **inviting("a@x.test"))
    invitation = first["results"][0]["invitation"]
    await acme.done("admin", "revokeBillingInvitation", billingInvitationId=invitation["id"])
    again = await acme.done("clerk", "inviteBillingManagers", RESULTS, **inviting("a@x.test"))
    assert again["results"][0] == first["results"][0] | {"invitation": invitation | {"status": "REVOKED"}}


async def test_who_lost_the_right_is_not_told_the_answer(acme: Company) -> None:
    asked = inviting("a@x.test")
    await appoint(acme, "member")
    assert await acme.codes("member", "inviteBillingManagers", **asked) == []
    await acme.done("owner", "removeBillingManager", billingManagerId=await manager(acme, "member"))
    before = await snapshot(acme)
    assert await acme.refused("member", INVITE, input=asked) == {"GRAPHQL_VALIDATION_FAILED"}
    await acme.done("owner", "inviteBillingManagers", organizationId=OTHER, emails=[acme.email("member")])
    assert await acme.accept("member", await acme.home.token()) == []
    assert await acme.refused("member", INVITE, input=asked) == {"FORBIDDEN"}
    assert (await snapshot(acme))["stored_answer"][: len(before["stored_answer"])] == before["stored_answer"]


async def test_who_left_is_not_told_the_answer(acme: Company) -> None:
    await acme.done("owner", "inviteBillingManagers", organizationId=OTHER, emails=[acme.email("clerk")])
    assert await acme.accept("clerk", await acme.home.token()) == []
    invite, remove = inviting("a@x.test"), await removing(acme, "both", "two")
    assert await acme.codes("clerk", "inviteBillingManagers", **invite) == []
    assert await acme.codes("clerk", "removeBillingManager", **remove) == []
    await acme.done("clerk", "leaveBilling", organizationId=ACME, idempotencyKey="three")
    for name, asked in (("inviteBillingManagers", invite), ("removeBillingManager", remove)):
        fresh = asked | {"idempotencyKey": "never used"}
        assert await acme.do("clerk", name, **asked) == await acme.do("clerk", name, **fresh)
        assert await acme.codes("clerk", name, **asked) == ["NOT_FOUND"]


async def test_a_refusal_is_the_answer_too(acme: Company) -> None:
    await settle(acme, "ann")
    invitation, token = await invited(acme, "ann@people.test")
    assert await acme.accept("ann", token) == []
    asked = {"billingInvitationId": invitation, "idempotencyKey": "one"}
    assert await acme.codes("clerk", "revokeBillingInvitation", **asked) == ["NOT_PENDING"]
    await acme.home.execute("update billing_invitation set status = 'PENDING', accepted_by_id = null")
    assert await acme.codes("clerk", "revokeBillingInvitation", **asked) == ["NOT_PENDING"]
    empty = await acme.do("clerk", "inviteBillingManagers", **inviting(key="two"))
    assert empty["errors"] == [{"code": "EMPTY", "path": ["emails"]}]
    assert (await acme.do("clerk", "inviteBillingManagers", **inviting(key="two")))["errors"] == empty["errors"]
    other = await acme.codes("clerk", "inviteBillingManagers", **inviting("a@x.test", key="two"))
    assert other == ["IDEMPOTENCY_CONFLICT"]


async def test_leaving_twice_is_leaving_once(acme: Company) -> None:
    asked = {"organizationId": ACME, "idempotencyKey": "one"}
    first = await acme.done("both", "leaveBilling", "removedBillingManagerId", **asked)
    assert await acme.done("both", "leaveBilling", "removedBillingManagerId", **asked) == first
    assert len(await activity(acme)) == 1
    assert await is_manager(acme, "both") is False


@pytest.mark.parametrize("key", ["", "x" * (LONGEST + 1), "a\u0000b", "a\nb", "\u202e"])
async def test_what_is_no_key_is_refused(acme: Company, key: str) -> None:
    before = await snapshot(acme)
    wrong = [{"code": "INVALID_IDEMPOTENCY_KEY", "path": ["idempotencyKey"]}]
    payload = await acme.do("clerk", "inviteBillingManagers", **inviting("a@x.test", key=key))
    assert payload["errors"] == wrong
    for id_ in (await manager(acme, "both"), "bman_00000000000000000000000000"):
        payload = await acme.do("clerk", "removeBillingManager", billingManagerId=id_, idempotencyKey=key)
        assert payload["errors"] == wrong
    assert await changed(acme, before) == set()


@pytest.mark.parametrize("key", ["x", "x" * LONGEST, "ключ \U0001f511", "'; drop table organization; --"])
async def test_any_text_is_a_key(acme: Company, key: str) -> None:
    first = await acme.done("clerk", "inviteBillingManagers", RESULTS, **inviting("a@x.test", key=key))
    assert await acme.done("clerk", "inviteBillingManagers", RESULTS, **inviting("a@x.test", key=key)) == first


async def test_what_is_kept_are_ids_and_codes(acme: Company) -> None:  # case 33
    await acme.post("clerk", INVITE, input=inviting("ann@x.test", "no address"))
    kept = await acme.home.value("select answer::text from stored_answer where key = 'one'")
    invitation = await acme.home.value("select id from billing_invitation where email = 'ann@x.test'")
    assert str(invitation) in kept
    for word in ("ann", "address", await acme.home.token()):
        assert word not in kept.replace("INVALID_ADDRESS", "")
