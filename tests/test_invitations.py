"""Inviting billing managers: one answer for every address, a mail for each, and who may take it back."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from schema import ids
from tests.accounts import FIRST
from tests.company import ACME, OTHER, Company, company
from tests.office import (
    INVITATIONS,
    activity,
    appoint,
    at,
    decline,
    invite,
    invited,
    mails,
    outcomes,
    settle,
    snapshot,
    statements,
    statuses,
)
from tests.visitors import START, Ground, ground

WEEK = timedelta(days=7)
INVITE = (
    "mutation($input: InviteBillingManagersInput!) { inviteBillingManagers(input: $input) { results { outcome } } }"
)


@pytest.fixture(scope="module")
async def place(server_url: str) -> AsyncIterator[Ground]:
    async with ground(server_url) as opened:
        yield opened


@pytest.fixture
async def acme(place: Ground) -> AsyncIterator[Company]:
    async with company(place) as opened:
        yield opened


@pytest.mark.parametrize("who", ["owner", "admin", "clerk", "both"])
async def test_owner_admin_and_billing_manager_invite(acme: Company, who: str) -> None:
    (result,) = await invite(acme, "new@x.test", who=who)
    assert result["outcome"] == "SENT"
    assert result["invitation"]["status"] == "PENDING"
    assert (result["invitation"]["createdAt"], result["invitation"]["expiresAt"]) == (at(START), at(START + WEEK))
    assert await mails(acme) == [("invitation", "new@x.test")]


async def test_to_a_member_inviting_looks_like_a_typing_error(acme: Company) -> None:
    asked = {"organizationId": ACME, "emails": ["new@x.test"], "idempotencyKey": "one"}
    real = await acme.post("member", INVITE, input=asked)
    typed = await acme.post("member", INVITE.replace("nviteBilling", "nvitBilling"), input=asked)
    assert {error["message"] for error in real["errors"]} == {
        error["message"].replace("nvitBilling", "nviteBilling") for error in typed["errors"]
    }
    assert await mails(acme) == []


async def test_who_may_invite_elsewhere_is_refused_here(acme: Company) -> None:
    asked = {"organizationId": ACME, "emails": ["new@x.test"], "idempotencyKey": "one"}
    await appoint_elsewhere(acme, "member")
    assert await acme.refused("member", INVITE, input=asked) == {"FORBIDDEN"}
    assert await acme.codes("clerk", "inviteBillingManagers", **asked | {"organizationId": OTHER}) == ["NOT_FOUND"]
    assert await mails(acme) == [("invitation", "member@people.test"), ("accepted", "owner@people.test")]


async def appoint_elsewhere(acme: Company, name: str) -> None:
    """Make somebody billing manager of the other organization."""
    await acme.done("owner", "inviteBillingManagers", organizationId=OTHER, emails=[acme.email(name)])
    assert await acme.accept(name, await acme.home.token()) == []


async def test_an_address_is_stored_and_shown_as_typed(acme: Company) -> None:  # case 2
    (result,) = await invite(acme, " Ann@Example.org ")
    assert result["email"] == " Ann@Example.org "
    assert result["invitation"]["email"] == "Ann@Example.org"
    assert await mails(acme) == [("invitation", "Ann@Example.org")]
    assert await outcomes(acme, "ann@example.org") == ["ALREADY_INVITED"]


async def test_other_tags_and_dots_are_other_addresses(acme: Company) -> None:  # case 3
    assert await outcomes(acme, "a.nn+fin@x.test", "ann+fin@x.test", "ann@x.test") == ["SENT"] * 3


async def test_look_alikes_are_refused_and_spellings_are_one(acme: Company) -> None:  # case 4
    asked = ["m\u0131ke@x.test", "\u212aim@x.test", "jose\u0301@x.test", "jos\u00e9@x.test"]
    found = await outcomes(acme, *asked, "ann@\u00e4x.test", "ann@xn--x-zfa.test")
    refused, sent, double = "INVALID_ADDRESS", "SENT", "DUPLICATE_IN_REQUEST"
    assert found == [refused, refused, sent, double, sent, double]


async def test_the_same_address_in_one_request_is_invited_once(acme: Company) -> None:  # case 5
    results = await invite(acme, "a@x.test", "A@x.test", "a@x.test ")
    assert [(one["email"], one["outcome"]) for one in results] == [
        ("a@x.test", "SENT"),
        ("A@x.test", "DUPLICATE_IN_REQUEST"),
        ("a@x.test ", "DUPLICATE_IN_REQUEST"),
    ]
    assert [bool(one["invitation"]) for one in results] == [True, False, False]
    assert await statuses(acme, "a@x.test") == ["PENDING"]
    assert await mails(acme) == [("invitation", "a@x.test")]


async def test_a_malformed_address_does_not_stop_the_others(acme: Company) -> None:  # case 6
    assert await outcomes(acme, "a@x.test", "b@@x.test", "c@x.test") == ["SENT", "INVALID_ADDRESS", "SENT"]
    assert await mails(acme) == [("invitation", "a@x.test"), ("invitation", "c@x.test")]


@pytest.mark.parametrize(("count", "code"), [(51, "TOO_MANY"), (0, "EMPTY")])
async def test_too_many_and_no_addresses_are_refused_as_a_whole(
    acme: Company, count: int, code: str
) -> None:  # cases 6, 7
    emails = [f"a{number}@x.test" for number in range(count)]
    payload = await acme.do("clerk", "inviteBillingManagers", organizationId=ACME, emails=emails)
    assert payload["errors"] == [{"code": code, "path": ["emails"]}]
    assert await mails(acme) == []
    assert await activity(acme) == []


async def test_fifty_addresses_at_once_are_not_too_many(acme: Company) -> None:  # case 6
    assert await outcomes(acme, *(f"a{number}@x.test" for number in range(50))) == ["SENT"] * 50
    assert len(set(await mails(acme))) == 50


@pytest.mark.parametrize("name", ["member", "admin", "owner", "stranger"])
async def test_members_and_strangers_are_invited_alike(acme: Company, name: str) -> None:  # case 8
    (result,) = await invite(acme, acme.email(name))
    (other,) = await invite(acme, "unknown@x.test")
    assert {**result, "email": "", "invitation": {**result["invitation"], "id": "", "email": ""}} == {
        **other,
        "email": "",
        "invitation": {**other["invitation"], "id": "", "email": ""},
    }


async def test_a_billing_manager_is_not_invited_again(acme: Company) -> None:  # case 9
    assert await outcomes(acme, acme.email("both"), acme.email("clerk").upper()) == ["ALREADY_BILLING_MANAGER"] * 2
    assert await mails(acme) == []
    assert await activity(acme) == []


async def test_inviting_again_sends_a_new_link_for_the_same_invitation(acme: Company) -> None:  # case 10
    email = await settle(acme, "ann")
    first, old = await invited(acme, email)
    acme.home.clock.go(days=6)
    (again,) = await invite(acme, email)
    new = await acme.home.token()
    assert (again["outcome"], again["invitation"]["id"]) == ("ALREADY_INVITED", first)
    assert again["invitation"]["expiresAt"] == at(START + timedelta(days=13))
    assert await statuses(acme, email) == ["PENDING"]
    assert await acme.accept("ann", old) == ["INVALID_INVITATION"]
    assert await acme.accept("ann", new) == []


@pytest.mark.parametrize("end", ["expired", "declined", "revoked", "removed"])
async def test_who_was_invited_before_is_invited_anew(acme: Company, end: str) -> None:  # case 11
    email = await settle(acme, "ann")
    first, token = await invited(acme, email)
    if end == "expired":
        acme.home.clock.go(days=7)
    elif end == "declined":
        assert await decline(acme, "ann", token) == []
    elif end == "revoked":
        await acme.done("clerk", "revokeBillingInvitation", billingInvitationId=first)
    else:
        assert await acme.accept("ann", token) == []
        await acme.done("ann", "leaveBilling", organizationId=ACME)
    second, new = await invited(acme, email)
    assert second != first
    was = {"expired": "SUPERSEDED", "declined": "DECLINED", "revoked": "REVOKED", "removed": "ACCEPTED"}
    assert await statuses(acme, email) == [was[end], "PENDING"]
    assert await acme.accept("ann", token) == ["INVALID_INVITATION"]
    assert await acme.accept("ann", new) == []


async def test_ones_own_address(acme: Company) -> None:  # case 12
    assert await outcomes(acme, acme.email("admin"), who="admin") == ["SENT"]
    assert await outcomes(acme, acme.email("clerk"), who="clerk") == ["ALREADY_BILLING_MANAGER"]


@pytest.mark.parametrize("status", ["SUSPENDED", "CANCELED", "PAST_DUE", "PENDING_PAYMENT"])
async def test_no_state_of_the_subscription_stands_in_the_way(acme: Company, status: str) -> None:  # case 24
    await acme.home.execute("update plan_subscription set status = $1", status)
    await acme.home.execute("update plan set key = 'free' where id in (select plan_id from plan_subscription limit 1)")
    await settle(acme, "ann")
    await appoint(acme, "ann")


async def test_the_mail_waits_in_the_outbox_and_the_mutation_does_not(acme: Company) -> None:  # case 28
    email = await settle(acme, "ann")
    _, token = await invited(acme, email)
    (job,) = await acme.home.ground.connection.fetch("select * from job")
    assert (job["kind"], job["done_at"], job["run_at"], job["attempts"]) == ("mail", None, START, 0)
    assert token not in job["payload"]
    assert await acme.accept("ann", token) == []


@pytest.mark.parametrize(
    "email",
    [
        "ann@x.test\r\nBcc: eve@x.test",
        "ann@x.test\n",
        "ann%0aBcc:eve@x.test",
        "Ann <ann@x.test>",
        "ann@x.test,eve@x.test",
        "ann\u0000@x.test",
        "ann\u202e@x.test",
    ],
)
async def test_tricks_in_addresses_are_refused(acme: Company, email: str) -> None:  # case 30
    results = await invite(acme, email)
    assert results == [{"email": email, "outcome": "INVALID_ADDRESS", "invitation": None}]
    assert await mails(acme) == []
    assert await activity(acme) == []


async def test_every_address_takes_the_same_statements(acme: Company) -> None:  # case 31
    await settle(acme, "ann")
    seen = []
    for email in ("unknown@x.test", *map(acme.email, ("ann", "stranger", "member", "admin", "owner"))):
        await statements(acme)
        assert await outcomes(acme, email) == ["SENT"]
        seen.append(await statements(acme))
    assert seen[1:] == seen[:1] * 5
    assert any("billing_invitation" in statement for statement in seen[0])


async def test_an_address_is_not_invited_without_end(acme: Company) -> None:  # case 32
    for email in ("unknown@x.test", acme.email("member"), acme.email("owner")):
        for _ in range(10):
            await invite(acme, email)
        before = await snapshot(acme)
        payload = await acme.do("clerk", "inviteBillingManagers", organizationId=ACME, emails=["a@x.test", email])
        assert payload["errors"] == [{"code": "RATE_LIMITED", "path": None}]
        assert await snapshot(acme) == before
    acme.home.clock.go(days=1)
    assert await outcomes(acme, "unknown@x.test") == ["ALREADY_INVITED"]


async def test_an_organization_does_not_invite_without_end(acme: Company) -> None:  # case 32
    for batch in range(10):
        await invite(acme, *(f"a{batch}.{number}@x.test" for number in range(50)))
    refused = [
        await acme.codes("owner", "inviteBillingManagers", organizationId=ACME, emails=[email])
        for email in ("unknown@x.test", acme.email("member"), acme.email("clerk"), "a0.0@x.test", "no address")
    ]
    assert refused == [["RATE_LIMITED"]] * 5
    assert await acme.codes("owner", "inviteBillingManagers", organizationId=OTHER, emails=["new@x.test"]) == []


async def test_a_refusal_for_now_is_not_the_answer_for_a_day(acme: Company) -> None:  # case 32
    for _ in range(10):
        await invite(acme, "a@x.test")
    asked = {"organizationId": ACME, "emails": ["a@x.test"], "idempotencyKey": "one"}
    acme.home.clock.go(hours=23)
    assert await acme.codes("clerk", "inviteBillingManagers", **asked) == ["RATE_LIMITED"]
    acme.home.clock.go(hours=1)
    assert await acme.codes("clerk", "inviteBillingManagers", **asked) == []


async def test_resending_makes_a_new_link_and_kills_the_old_one(acme: Company) -> None:  # case 10
    email = await settle(acme, "ann")
    invitation, old = await invited(acme, email)
    acme.home.clock.go(days=8)
    payload = await acme.done(
        "admin", "resendBillingInvitation", "invitation { id status expiresAt }", billingInvitationId=invitation
    )
    expires = at(START + timedelta(days=15))
    assert payload["invitation"] == {"id": invitation, "status": "PENDING", "expiresAt": expires}
    assert await acme.accept("ann", old) == ["INVALID_INVITATION"]
    assert await acme.accept("ann", await acme.home.token()) == []


async def test_who_sends_an_invitation_anew_answers_for_it(acme: Company) -> None:  # case 22
    email = await settle(acme, "ann")
    await appoint(acme, "stranger")
    invitation, _ = await invited(acme, email, "stranger")
    await acme.done("stranger", "leaveBilling", organizationId=ACME)
    await acme.done("clerk", "resendBillingInvitation", billingInvitationId=invitation)
    assert await acme.accept("ann", await acme.home.token()) == []


@pytest.mark.parametrize("name", ["resendBillingInvitation", "revokeBillingInvitation"])
@pytest.mark.parametrize("end", ["accepted", "declined", "revoked"])
async def test_only_a_pending_invitation_is_sent_anew_or_taken_back(acme: Company, name: str, end: str) -> None:
    email = await settle(acme, "ann")
    invitation, token = await invited(acme, email)
    if end == "accepted":
        await acme.accept("ann", token)
    elif end == "declined":
        assert await decline(acme, "ann", token) == []
    else:
        await acme.done("clerk", "revokeBillingInvitation", billingInvitationId=invitation)
    before = await snapshot(acme)
    assert await acme.codes("clerk", name, billingInvitationId=invitation) == ["NOT_PENDING"]
    assert {table for table, rows in (await snapshot(acme)).items() if rows != before[table]} == {"stored_answer"}


async def test_taking_back_ends_the_link(acme: Company) -> None:
    email = await settle(acme, "ann")
    invitation, token = await invited(acme, email)
    payload = await acme.done(
        "admin", "revokeBillingInvitation", "invitation { status }", billingInvitationId=invitation
    )
    assert payload["invitation"] == {"status": "REVOKED"}
    assert await acme.accept("ann", token) == ["INVALID_INVITATION"]
    assert await activity(acme) == ["BILLING_MANAGER_INVITED BILLING_MANAGER", "INVITATION_REVOKED ADMIN"]


@pytest.mark.parametrize("name", ["resendBillingInvitation", "revokeBillingInvitation"])
async def test_foreign_and_unknown_invitations_and_what_is_none_are_one_answer(acme: Company, name: str) -> None:
    await acme.done("owner", "inviteBillingManagers", organizationId=OTHER, emails=["new@x.test"])
    foreign = await acme.home.value("select id from billing_invitation where organization_id <> $1 limit 1", FIRST)
    unknown = ids.write("binv", acme.accounts.new())
    for given in (ids.write("binv", foreign), unknown, acme.member("member"), ACME, "binv_x", ""):
        payload = await acme.do("clerk", name, billingInvitationId=given)
        assert payload["errors"] == [{"code": "NOT_FOUND", "path": ["billingInvitationId"]}]


async def test_invitations_show_administrators_as_nobody_to_a_billing_manager(acme: Company) -> None:
    await invite(acme, "a@x.test", who="owner")
    await invite(acme, "b@x.test", who="clerk")
    seen = {}
    for who in ("clerk", "admin"):
        nodes = (await acme.ask(who, INVITATIONS, status="PENDING"))["organization"]["billingInvitations"]["nodes"]
        seen[who] = {node["email"]: node["invitedBy"]["__typename"] for node in nodes}
    assert seen["clerk"] == {"a@x.test": "OrganizationAdministrator", "b@x.test": "BillingManager"}
    assert seen["admin"] == {"a@x.test": "Member", "b@x.test": "BillingManager"}


async def test_only_a_billing_managers_name_stands_in_the_mail(acme: Company) -> None:
    for who in ("owner", "admin", "clerk", "both"):
        await invite(acme, f"{who}@x.test", who=who)
    found = await acme.rows(
        "select payload->'values'->>'inviter' as inviter from job where organization_id = $1 order by id"
    )
    assert [row["inviter"] for row in found] == [None, None, "clerk", "both"]
