"""Following an invitation's link: who may, until when, once; and the one answer to everybody else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from typing import Any

import pytest

from billing import acceptance
from billing.errors import Forbidden
from tests.company import ACME, OTHER, Company, company
from tests.office import (
    PREVIEW,
    activity,
    decline,
    invite,
    invited,
    is_manager,
    mails,
    manager,
    managers,
    settle,
    snapshot,
    statuses,
)
from tests.visitors import START, Ground, ask, ground, sign_in, sign_up

WEEK = timedelta(days=7)
TICK = timedelta(microseconds=1)
SEATS_AND_MEMBERS = """
{ organization(slug: "acme-1") {
  members(first: 100) { nodes { user { email } } }
  subscription { seats { purchased used available } }
} }
"""
ACCEPT = """
mutation($token: String!) {
  acceptInvitation(input: {token: $token}) {
    organization { slug viewerRoles }
    errors { code message path }
  }
}
"""
REFUSED = {
    "data": {
        "acceptInvitation": {
            "organization": None,
            "errors": [{"code": "INVALID_INVITATION", "message": "Invalid Invitation Link", "path": None}],
        }
    }
}
STATUS = "query($id: ID!) { node(id: $id) { ... on BillingInvitation { status } } }"
UNKNOWN = "a token that nobody was ever sent"


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


async def test_accepting_makes_a_billing_manager(acme: Company) -> None:
    email = await settle(acme, "ann")
    _, token = await invited(acme, email, "admin")
    payload = (await acme.ask("ann", ACCEPT, token=token))["acceptInvitation"]
    assert payload["errors"] == []
    assert (payload["organization"]["slug"], payload["organization"]["viewerRoles"]) == ("acme-1", ["BILLING_MANAGER"])
    assert email in await managers(acme)
    assert await statuses(acme, email) == ["ACCEPTED"]
    assert await activity(acme) == ["BILLING_MANAGER_INVITED ADMIN", "BILLING_MANAGER_JOINED BILLING_MANAGER"]
    assert await mails(acme) == [("invitation", email), ("accepted", acme.email("admin"))]


@pytest.mark.parametrize(("since", "good"), [(WEEK - TICK, True), (WEEK, False), (WEEK + TICK, False)])
async def test_a_link_is_good_until_the_very_instant_of_its_expiry(
    acme: Company, since: timedelta, good: bool
) -> None:  # case 1
    email = await settle(acme, "ann")
    invitation, token = await invited(acme, email)
    acme.home.clock.now = START + since
    node = await acme.ask(
        "clerk", "query($id: ID!) { node(id: $id) { ... on BillingInvitation { status } } }", id=invitation
    )
    assert node["node"]["status"] == ("PENDING" if good else "EXPIRED")
    assert bool((await acme.ask("ann", PREVIEW, token=token))["invitation"]) is good
    assert await acme.accept("ann", token) == ([] if good else ["INVALID_INVITATION"])
    assert await is_manager(acme, "ann") is good
    assert await statuses(acme, email) == ["ACCEPTED" if good else "PENDING"]


async def test_the_address_may_be_written_otherwise(acme: Company) -> None:  # case 2
    await settle(acme, "ann", "ann@example.test")
    _, token = await invited(acme, "Ann@Example.Test")
    assert await acme.accept("ann", token) == []


@pytest.mark.parametrize("other", ["ann+fin@people.test", "a.nn@people.test", "ann@people.x.test"])
async def test_another_address_is_another_persons(acme: Company, other: str) -> None:  # case 3
    await settle(acme, "ann")
    _, token = await invited(acme, other)
    assert await acme.accept("ann", token) == ["INVALID_INVITATION"]


async def test_another_account_is_refused_and_the_link_stays_good(acme: Company) -> None:  # case 13
    email = await settle(acme, "ann")
    _, token = await invited(acme, email)
    for who in ("stranger", "member", "owner", "clerk"):
        assert await acme.post(who, ACCEPT, token=token) == REFUSED
        assert (await acme.ask(who, PREVIEW, token=token))["invitation"] is None
    assert await acme.home.value("select refused_attempts from billing_invitation where email = $1", email) == 4
    assert await acme.accept("ann", token) == []
    assert await acme.home.value("select refused_attempts from billing_invitation where email = $1", email) == 4


async def test_the_holder_of_a_link_sees_as_much_as_its_receiver_recognizes(acme: Company) -> None:  # case 14
    _, token = await invited(acme, "Ann@Example.test")
    shown = {
        "organizationName": "Acme",
        "maskedEmail": "A\u2022\u2022@E\u2022\u2022.test",
        "expiresAt": "2026-06-22T12:00:00Z",
    }
    async with acme.home.visit() as browser:
        assert (await ask(browser, PREVIEW, token=token))["invitation"] == shown
    assert (await acme.ask("stranger", PREVIEW, token=token))["invitation"] is None


async def test_signed_out_nobody_accepts(acme: Company) -> None:  # case 14
    _, token = await invited(acme, "ann@x.test")
    before = await snapshot(acme)
    async with acme.home.visit() as browser:
        assert (await browser.post("/graphql", json={"query": ACCEPT, "variables": {"token": token}})).json() == REFUSED
    assert await snapshot(acme) == before


async def test_a_narrow_key_accepts_nothing_for_its_maker(acme: Company) -> None:
    email = await settle(acme, "ann")
    await acme.accept("ann", await acme.invite(email))
    few = {"permissions": ["VIEW_TEAMS"]}, {"organizationId": ACME}
    narrow = [(await acme.done("ann", "createApiKey", "secret", name="a", **one))["secret"] for one in few]
    wide = (await acme.done("ann", "createApiKey", "secret", name="a"))["secret"]
    _, token = await invited(acme, email)
    for key in narrow:
        assert await acme.refused(key, ACCEPT, token=token) == {"FORBIDDEN"}
    assert not await is_manager(acme, "ann")
    assert await acme.accept(wide, token) == []


async def test_who_was_signed_out_meanwhile_accepts_nothing(acme: Company) -> None:  # case 40
    email = await settle(acme, "ann")
    _, token = await invited(acme, email)
    viewer = await acme.viewer("ann")
    await acme.home.execute("update session set revoked_at = $1 where user_id = $2", START, acme.users["ann"])
    with pytest.raises(Forbidden):
        await acceptance.accept(acme.home.server.room, viewer, token)
    assert not await is_manager(acme, "ann")


async def dead_links(acme: Company) -> dict[str, str]:
    """Links that were sent to ann and are good no more, by the reason."""
    email, found = await settle(acme, "ann"), {"unknown": UNKNOWN}
    _, found["expired"] = await invited(acme, email)
    acme.home.clock.go(days=7)
    _, found["declined"] = await invited(acme, email)
    assert await decline(acme, "ann", found["declined"]) == []
    revoked, found["revoked"] = await invited(acme, email)
    await acme.done("clerk", "revokeBillingInvitation", billingInvitationId=revoked)
    _, found["sent anew"] = await invited(acme, email)
    await settle(acme, "inviter")
    _, token = await invited(acme, "inviter@people.test")
    assert await acme.accept("inviter", token) == []
    _, found["without an inviter"] = await invited(acme, email, "inviter")
    await acme.done("inviter", "leaveBilling", organizationId=ACME)
    await settle(acme, "bob")
    _, found["used by another"] = await invited(acme, "bob@people.test")
    assert await acme.accept("bob", found["used by another"]) == []
    return found


async def test_every_link_that_is_not_good_has_one_answer(acme: Company) -> None:  # cases 13, 14, 22
    for reason, token in (await dead_links(acme)).items():
        for who in ("ann", "stranger", "owner"):
            assert await acme.post(who, ACCEPT, token=token) == REFUSED, reason
            assert await acme.post(who, PREVIEW, token=token) == {"data": {"invitation": None}}, reason
        async with acme.home.visit() as browser:
            assert await ask(browser, PREVIEW, token=token) == {"invitation": None}, reason
    assert await is_manager(acme, "ann") is False


@pytest.mark.parametrize("token", ["", " ", "\u0000", "ä" * 1000])
async def test_what_is_no_token_has_the_same_answer(acme: Company, token: str) -> None:
    assert await acme.post("stranger", ACCEPT, token=token) == REFUSED
    assert await acme.post("stranger", PREVIEW, token=token) == {"data": {"invitation": None}}
    assert await decline(acme, "stranger", token) == ["INVALID_INVITATION"]


async def test_the_link_proves_an_address_that_was_not_proved(acme: Company) -> None:  # case 15
    email = await settle(acme, "ann", verified=False)
    _, token = await invited(acme, email)
    assert await acme.accept("ann", UNKNOWN) == ["INVALID_INVITATION"]
    assert await acme.home.value("select email_verified_at from user_account where email = $1", email) is None
    assert await acme.accept("ann", token) == []
    assert await acme.home.value("select email_verified_at from user_account where email = $1", email) == START


async def test_the_address_at_the_moment_of_acceptance_counts(acme: Company) -> None:  # case 16
    email = await settle(acme, "ann")
    _, old = await invited(acme, email)
    _, new = await invited(acme, "ann.new@people.test")
    rename = "update user_account set email = $2, email_key = $2 where email_key = $1"
    await acme.home.execute(rename, email, "ann.new@people.test")
    assert await acme.accept("ann", old) == ["INVALID_INVITATION"]
    assert await acme.accept("ann", new) == []


async def test_an_address_that_went_to_another_account_takes_the_invitation_with_it(acme: Company) -> None:  # case 17
    email = await settle(acme, "ann")
    _, token = await invited(acme, email)
    rename = "update user_account set email = $2, email_key = $2 where email_key = $1"
    await acme.home.execute(rename, email, "ann.new@people.test")
    await settle(acme, "heir", email)
    assert await acme.accept("ann", token) == ["INVALID_INVITATION"]
    assert await acme.accept("heir", token) == []


async def test_who_signs_up_with_the_invited_address_comes_in_by_the_link(acme: Company) -> None:
    _, token = await invited(acme, "New@People.test")
    async with acme.home.visit() as browser:
        await sign_up(browser, "new@people.test", name="New")
        await sign_in(browser, "new@people.test")
        payload = (await ask(browser, ACCEPT, token=token))["acceptInvitation"]
        assert (payload["errors"], payload["organization"]["viewerRoles"]) == ([], ["BILLING_MANAGER"])


async def test_who_signs_up_with_another_address_does_not(acme: Company) -> None:  # case 18
    _, token = await invited(acme, "new@people.test")
    async with acme.home.visit() as browser:
        await sign_up(browser, "newer@people.test", name="New")
        await sign_in(browser, "newer@people.test")
        assert (await browser.post("/graphql", json={"query": ACCEPT, "variables": {"token": token}})).json() == REFUSED
    assert await statuses(acme, "new@people.test") == ["PENDING"]


async def test_two_hundred_acceptances_at_once_are_one(acme: Company) -> None:  # case 19
    email = await settle(acme, "ann")
    _, token = await invited(acme, email)
    found = await together(*(acme.accept("ann", token) for _ in range(200)))
    assert found == [[]] * 200
    assert [str(role) for role in await acme.roles("ann")] == ["BILLING_MANAGER"]
    assert await statuses(acme, email) == ["ACCEPTED"]
    assert await activity(acme) == [
        "BILLING_MANAGER_INVITED BILLING_MANAGER",
        "BILLING_MANAGER_JOINED BILLING_MANAGER",
    ]
    assert await mails(acme) == [("invitation", email), ("accepted", acme.email("clerk"))]


async def test_of_many_people_with_one_link_only_its_receiver_comes_in(acme: Company) -> None:  # cases 13, 19
    email = await settle(acme, "ann")
    _, token = await invited(acme, email)
    crowd = ["stranger", "member", "admin", "ann"] * 10
    found = await together(*(acme.accept(who, token) for who in crowd))
    assert found == [[] if who == "ann" else ["INVALID_INVITATION"] for who in crowd]
    assert await acme.home.value("select refused_attempts from billing_invitation where email = $1", email) == 30
    assert await managers(acme) == [email, acme.email("both"), acme.email("clerk")]


async def test_who_used_a_link_gets_his_success_again_until_he_is_removed(acme: Company) -> None:  # case 19
    email = await settle(acme, "ann")
    _, token = await invited(acme, email)
    first = await acme.post("ann", ACCEPT, token=token)
    acme.home.clock.go(days=30)
    before = await snapshot(acme)
    assert await acme.post("ann", ACCEPT, token=token) == first
    assert await snapshot(acme) == before | {"session": (await snapshot(acme))["session"]}  # it was used
    await acme.done("owner", "removeBillingManager", billingManagerId=await manager(acme, "ann"))
    assert await acme.post("ann", ACCEPT, token=token) == REFUSED
    assert await is_manager(acme, "ann") is False


@pytest.mark.parametrize("turn", range(8))
async def test_of_acceptance_and_revocation_at_once_one_wins(acme: Company, turn: int) -> None:  # case 20
    email = await settle(acme, "ann")
    invitation, token = await invited(acme, email)
    asked = [acme.accept("ann", token), acme.codes("clerk", "revokeBillingInvitation", billingInvitationId=invitation)]
    accepted, revoked = (await together(*asked[:: -1 if turn % 2 else 1]))[:: -1 if turn % 2 else 1]
    won = accepted == []
    assert (accepted, revoked) == (([], ["NOT_PENDING"]) if won else (["INVALID_INVITATION"], []))
    assert await statuses(acme, email) == ["ACCEPTED" if won else "REVOKED"]
    assert await is_manager(acme, "ann") is won


@pytest.mark.parametrize("turn", range(8))
async def test_of_acceptance_and_resending_at_once_one_comes_first(acme: Company, turn: int) -> None:  # case 21
    email = await settle(acme, "ann")
    invitation, token = await invited(acme, email)
    asked = [acme.accept("ann", token), acme.codes("clerk", "resendBillingInvitation", billingInvitationId=invitation)]
    accepted, resent = (await together(*asked[:: -1 if turn % 2 else 1]))[:: -1 if turn % 2 else 1]
    if accepted == []:
        assert resent == ["NOT_PENDING"]
        assert await statuses(acme, email) == ["ACCEPTED"]
        assert ("invitation", email) in await mails(acme)
    else:
        assert (accepted, resent) == (["INVALID_INVITATION"], [])
        assert await is_manager(acme, "ann") is False
        assert await acme.accept("ann", await acme.home.token()) == []
    assert await managers(acme) == [email, acme.email("both"), acme.email("clerk")]
    assert await acme.accept("stranger", token) == ["INVALID_INVITATION"]


async def test_an_inviter_who_lost_the_right_takes_the_invitation_with_him(acme: Company) -> None:  # cases 22, 23
    email = await settle(acme, "ann")
    await settle(acme, "inviter")
    _, token = await invited(acme, "inviter@people.test")
    assert await acme.accept("inviter", token) == []
    _, token = await invited(acme, email, "inviter")
    await acme.done("owner", "removeBillingManager", billingManagerId=await manager(acme, "inviter"))
    assert (await acme.ask("ann", PREVIEW, token=token))["invitation"] is None
    assert await acme.post("ann", ACCEPT, token=token) == REFUSED
    assert await statuses(acme, email) == ["REVOKED"]
    assert await is_manager(acme, "ann") is False


async def test_an_inviter_who_may_still_invite_by_another_role_does_not(acme: Company) -> None:  # case 22
    email = await settle(acme, "ann")
    _, token = await invited(acme, email, "both")
    await acme.done("owner", "removeBillingManager", billingManagerId=await manager(acme, "both"))
    assert await acme.accept("ann", token) == []


async def test_an_invitation_from_the_system_stays_good(acme: Company) -> None:
    email = await settle(acme, "ann")
    _, token = await invited(acme, email)
    await acme.home.execute("update billing_invitation set invited_by_id = null, invited_as = null")
    assert await acme.accept("ann", token) == []
    assert await mails(acme) == [("invitation", email)]


async def test_a_member_who_accepts_is_both(acme: Company) -> None:  # cases 8, 26
    before = await acme.ask("owner", SEATS_AND_MEMBERS)
    _, token = await invited(acme, acme.email("member"))
    assert await acme.accept("member", token) == []
    assert [str(role) for role in await acme.roles("member")] == ["MEMBER", "BILLING_MANAGER"]
    assert await acme.ask("owner", SEATS_AND_MEMBERS) == before


async def test_a_stranger_who_accepts_is_no_member_and_takes_no_seat(acme: Company) -> None:  # case 27
    before = await acme.ask("owner", SEATS_AND_MEMBERS)
    members = await acme.rows("select * from member where organization_id = $1")
    _, token = await invited(acme, acme.email("stranger"))
    assert await acme.accept("stranger", token) == []
    assert await acme.ask("owner", SEATS_AND_MEMBERS) == before
    assert await acme.rows("select * from member where organization_id = $1") == members


@pytest.mark.parametrize("query", [ACCEPT, PREVIEW])
async def test_a_get_changes_nothing(acme: Company, query: str) -> None:  # case 29
    email = await settle(acme, "ann")
    _, token = await invited(acme, email)
    before = await snapshot(acme)
    async with acme.home.visit() as browser:
        asked = {"query": query, "variables": f'{{"token": "{token}"}}'}
        answer = await browser.get("/graphql", params=asked, headers={"cookie": "purser_session=session of ann"})
        assert answer.status_code == (405 if query == ACCEPT else 200)
    assert await snapshot(acme) == before


async def test_the_receiver_declines(acme: Company) -> None:
    email = await settle(acme, "ann")
    _, token = await invited(acme, email)
    assert await decline(acme, "stranger", token) == ["INVALID_INVITATION"]
    assert await decline(acme, "ann", token) == []
    assert await statuses(acme, email) == ["DECLINED"]
    assert await decline(acme, "ann", token) == ["INVALID_INVITATION"]
    assert await acme.accept("ann", token) == ["INVALID_INVITATION"]


async def test_the_holder_of_the_link_declines_without_an_account(acme: Company) -> None:
    _, token = await invited(acme, "ann@x.test")
    query = "mutation($token: String!) { declineInvitation(input: {token: $token}) { errors { code } } }"
    async with acme.home.visit() as browser:
        assert await ask(browser, query, token=token) == {"declineInvitation": {"errors": []}}
    assert await statuses(acme, "ann@x.test") == ["DECLINED"]


async def test_a_key_that_accepts_gains_nothing(acme: Company) -> None:
    key = acme.accounts.key(acme.users["member"])
    row = acme.accounts.rows["api_key"][-1]
    await acme.home.execute(
        "insert into api_key (id, user_id, name, prefix, digest, created_at) values ($1, $2, '', '', $3, $4)",
        row["id"],
        row["user_id"],
        row["digest"],
        START,
    )
    _, token = await invited(acme, acme.email("member"))
    acme.home.clock.go(seconds=1)
    payload = (await acme.ask(key, ACCEPT, token=token))["acceptInvitation"]
    assert (payload["errors"], payload["organization"]["viewerRoles"]) == ([], ["MEMBER"])
    assert await acme.refused(key, '{ organization(slug: "acme-1") { subscription { status } } }') != set()
    assert [str(role) for role in await acme.roles("member")] == ["MEMBER", "BILLING_MANAGER"]


async def test_an_invitation_gives_its_organization_and_no_other(acme: Company) -> None:
    email = await settle(acme, "ann")
    await invite(acme, email)
    await acme.done("owner", "inviteBillingManagers", organizationId=OTHER, emails=[email])
    assert await acme.accept("ann", await acme.home.token()) == []
    assert await is_manager(acme, "ann") is False
    assert await statuses(acme, email) == ["PENDING"]
