"""Invitations of members: each holds a seat until it ends, and gives what it says to whom it was sent."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from schema import ids
from tests.accounts import FIRST
from tests.company import ACME, ADMIN, HERE, MANAGER, MEMBER, OWNER, Company

INVITATIONS = """
query($id: ID!) { node(id: $id) { ... on Organization {
  memberInvitations { nodes { id email role status invitedBy { __typename } } }
} } }
"""
NEWCOMER = "new@people.test"


async def here(acme: Company, who: str) -> Any:
    return (await acme.ask(who, HERE, id=ACME))["node"]


async def test_an_invited_address_becomes_a_member(acme: Company) -> None:
    await acme.buy(10)
    used = (await acme.seats())[1]
    token = await acme.invite(acme.email("stranger"), ADMIN)
    assert await acme.seats() == (10, used, 1)
    assert await acme.accept("stranger", token) == []
    assert await acme.seats() == (10, used + 1, 0)
    assert await acme.roles("stranger") == [ADMIN]
    assert (await here(acme, "stranger"))["viewerRoles"] == ["ADMIN"]
    assert await acme.accept("stranger", token) == []
    assert await acme.accept("member", token) == ["INVALID_INVITATION"]
    assert await acme.seats() == (10, used + 1, 0)


async def test_invitations_are_listed_for_those_who_manage_members(acme: Company) -> None:
    await acme.invite(NEWCOMER, ADMIN)
    (made, before) = (await acme.ask("admin", INVITATIONS, id=ACME))["node"]["memberInvitations"]["nodes"]
    assert (made["email"], made["role"], made["status"]) == (NEWCOMER, "ADMIN", "PENDING")
    assert made["invitedBy"] == {"__typename": "Member"}
    assert before["status"] == "EXPIRED"
    assert await acme.refused("member", INVITATIONS, id=ACME) == {"GRAPHQL_VALIDATION_FAILED"}
    assert (await acme.ask("member", "query($id: ID!) { node(id: $id) { id } }", id=made["id"]))["node"] is None


async def test_an_address_that_is_invited_gets_a_new_link_and_keeps_one_seat(acme: Company) -> None:
    await acme.buy(10)
    first = await acme.invite(acme.email("stranger"))
    second = await acme.invite(" STRANGER@people.test ", ADMIN)
    assert (await acme.seats())[2] == 1
    assert await acme.accept("stranger", first) == ["INVALID_INVITATION"]
    assert await acme.accept("stranger", second) == []
    assert await acme.roles("stranger") == [ADMIN]


@pytest.mark.parametrize(
    ("who", "given", "code"),
    [
        ("owner", {"email": "no address"}, "INVALID_ADDRESS"),
        ("owner", {"email": "m\u0131ke@people.test"}, "INVALID_ADDRESS"),
        ("owner", {"role": MANAGER}, "INVALID_INPUT"),
        ("owner", {"email": "Member@people.test"}, "ALREADY_MEMBER"),
        ("admin", {"role": OWNER}, "OWNERS_ONLY"),
        ("owner", {"organizationId": ids.write("org", UUID(int=9))}, "NOT_FOUND"),
    ],
)
async def test_a_wrong_invitation_is_refused(acme: Company, who: str, given: dict[str, Any], code: str) -> None:
    before = await acme.seats()
    asked = {"organizationId": ACME, "email": NEWCOMER, "role": MEMBER} | given
    assert await acme.codes(who, "inviteMember", **asked) == [code]
    assert await acme.home.mails() == []
    assert await acme.seats() == before


async def test_only_owners_send_and_end_the_invitation_of_an_owner(acme: Company) -> None:
    token = await acme.invite(acme.email("stranger"), OWNER)
    nodes = (await acme.ask("admin", INVITATIONS, id=ACME))["node"]["memberInvitations"]["nodes"]
    for name in ("resendMemberInvitation", "revokeMemberInvitation"):
        assert await acme.codes("admin", name, memberInvitationId=nodes[0]["id"]) == ["OWNERS_ONLY"]
    again = {"organizationId": ACME, "email": acme.email("stranger"), "role": MEMBER}
    assert await acme.codes("admin", "inviteMember", **again) == ["OWNERS_ONLY"]
    await acme.done("second", "changeMemberRole", memberId=acme.member("owner"), role=ADMIN)
    assert await acme.accept("stranger", token) == ["INVALID_INVITATION"]  # its sender may not any more
    nodes = (await acme.ask("admin", INVITATIONS, id=ACME))["node"]["memberInvitations"]["nodes"]
    assert nodes[0]["status"] == "REVOKED"
    assert (await acme.seats())[2] == 0


@pytest.mark.parametrize("way", ["decline", "revoke", "expire"])
async def test_an_invitation_that_ends_gives_its_seat_back(acme: Company, way: str) -> None:
    await acme.buy(len(await acme.rows("select from member where organization_id = $1")) + 1)
    token = await acme.invite(acme.email("stranger"))
    again = {"organizationId": ACME, "email": NEWCOMER, "role": MEMBER}
    assert await acme.codes("owner", "inviteMember", **again) == ["NO_SEAT_AVAILABLE"]
    nodes = (await acme.ask("owner", INVITATIONS, id=ACME))["node"]["memberInvitations"]["nodes"]
    if way == "decline":
        query = "mutation($token: String!) { declineInvitation(input: {token: $token}) { errors { code } } }"
        assert await acme.ask("stranger", query, token=token) == {"declineInvitation": {"errors": []}}
    elif way == "revoke":
        await acme.done("admin", "revokeMemberInvitation", memberInvitationId=nodes[0]["id"])
    else:
        acme.home.clock.go(days=7)
    assert await acme.codes("owner", "inviteMember", **again) == []
    assert await acme.accept("stranger", token) == ["INVALID_INVITATION"]


async def test_an_expired_invitation_that_is_sent_anew_takes_a_seat_again(acme: Company) -> None:
    await acme.buy(len(await acme.rows("select from member where organization_id = $1")) + 1)
    await acme.invite(acme.email("stranger"))
    nodes = (await acme.ask("owner", INVITATIONS, id=ACME))["node"]["memberInvitations"]["nodes"]
    acme.home.clock.go(days=7)
    await acme.invite(NEWCOMER)
    asked = {"memberInvitationId": nodes[0]["id"]}
    assert await acme.codes("owner", "resendMemberInvitation", **asked) == ["NO_SEAT_AVAILABLE"]
    await acme.buy((await acme.seats())[0] + 1)
    await acme.done("owner", "resendMemberInvitation", **asked)
    assert await acme.accept("stranger", await acme.home.token()) == []


async def test_an_accepted_invitation_is_neither_sent_anew_nor_taken_back(acme: Company) -> None:
    await acme.accept("stranger", await acme.invite(acme.email("stranger")))
    nodes = (await acme.ask("owner", INVITATIONS, id=ACME))["node"]["memberInvitations"]["nodes"]
    for name in ("resendMemberInvitation", "revokeMemberInvitation"):
        assert await acme.codes("owner", name, memberInvitationId=nodes[0]["id"]) == ["NOT_PENDING"]


async def test_seats_that_follow_the_people_are_bought_with_them(acme: Company) -> None:
    used = len(await acme.rows("select from member where organization_id = $1"))
    await acme.buy(used, mode="FLEXIBLE")
    token = await acme.invite(acme.email("stranger"))
    assert await acme.seats() == (used + 1, used, 1)
    await acme.accept("stranger", token)
    assert await acme.seats() == (used + 1, used + 1, 0)
    await acme.done("owner", "removeMember", memberId=acme.member("member"))
    assert await acme.seats() == (used + 1, used, 0)  # fewer are paid for from the next period on


@pytest.mark.parametrize("mode", ["FLEXIBLE", "FIXED"])
async def test_a_plan_has_as_many_people_as_it_allows(acme: Company, mode: str) -> None:
    used = len(await acme.rows("select from member where organization_id = $1"))
    await acme.home.execute("update plan_feature set key = 'seats', limit_value = $1", used)
    await acme.buy(used + 5, mode=mode)
    asked = {"organizationId": ACME, "email": NEWCOMER, "role": MEMBER}
    assert await acme.codes("owner", "inviteMember", **asked) == ["NO_SEAT_AVAILABLE"]
    await acme.home.execute("update plan_feature set limit_value = $1", used + 1)
    assert await acme.codes("owner", "inviteMember", **asked) == []


async def test_days_of_usage_tell_the_seats_that_are_shown(acme: Company) -> None:
    await acme.buy(10)
    await acme.invite(acme.email("stranger"))
    _, used, reserved = await acme.seats()
    found = await acme.rows("select value from usage_day where organization_id = $1 and metric = 'seats'")
    assert [row["value"] for row in found] == [used + reserved]


async def test_of_two_invitations_at_once_one_gets_the_last_seat(acme: Company) -> None:
    # case 67
    used = len(await acme.rows("select from member where organization_id = $1"))
    await acme.buy(used + 1)
    asked = [
        acme.codes("owner", "inviteMember", organizationId=ACME, email=f"new{n}@people.test", role=MEMBER)
        for n in range(4)
    ]
    found = await asyncio.gather(*asked)
    assert sorted(found) == [[], *[["NO_SEAT_AVAILABLE"]] * 3]
    assert await acme.seats() == (used + 1, used, 1)


async def test_invitations_while_seats_are_bought_never_take_more_than_there_are(acme: Company) -> None:
    # case 67
    used = len(await acme.rows("select from member where organization_id = $1"))
    await acme.buy(used)

    async def bought() -> None:
        for _ in range(2):
            await acme.home.execute(
                "update plan_subscription set seats_purchased = seats_purchased + 1 where organization_id = $1", FIRST
            )

    asked = [
        acme.codes("owner", "inviteMember", organizationId=ACME, email=f"new{n}@people.test", role=MEMBER)
        for n in range(6)
    ]
    *found, _ = await asyncio.gather(*asked, bought())
    purchased, _, reserved = await acme.seats()
    assert found.count([]) == reserved <= 2
    assert purchased == used + 2


async def test_all_who_hold_a_seat_come_in_at_the_limit(acme: Company) -> None:
    # case 68
    used = len(await acme.rows("select from member where organization_id = $1"))
    await acme.buy(used + 2)
    tokens = [await acme.invite(acme.email(name)) for name in ("stranger", "clerk")]
    coming = zip(("stranger", "clerk"), tokens, strict=True)
    assert await asyncio.gather(*(acme.accept(*one) for one in coming)) == [[], []]
    assert await acme.seats() == (used + 2, used + 2, 0)
    assert await acme.roles("clerk") == [MEMBER, MANAGER]


async def test_accepting_twice_at_once_makes_one_member(acme: Company) -> None:
    # case 19
    token = await acme.invite(acme.email("stranger"))
    assert await asyncio.gather(*(acme.accept("stranger", token) for _ in range(4))) == [[]] * 4
    joined = "select from activity where organization_id = $1 and actor_id = $2 and kind = 'MEMBER_JOINED'"
    assert len(await acme.rows(joined, "stranger")) == 1


async def test_of_acceptance_and_revocation_at_once_one_wins(acme: Company) -> None:
    # case 20
    for _ in range(4):
        token = await acme.invite(acme.email("stranger"))
        nodes = (await acme.ask("owner", INVITATIONS, id=ACME))["node"]["memberInvitations"]["nodes"]
        accepted, revoked = await asyncio.gather(
            acme.accept("stranger", token),
            acme.codes("owner", "revokeMemberInvitation", memberInvitationId=nodes[0]["id"]),
        )
        assert (accepted, revoked) in [([], ["NOT_PENDING"]), (["INVALID_INVITATION"], [])]
        assert await acme.roles("stranger") == ([MEMBER] if accepted == [] else [])
        if accepted == []:
            await acme.done("stranger", "leaveOrganization", organizationId=ACME)


async def test_the_mail_with_the_link_is_all_that_tells_the_token(acme: Company) -> None:
    # case 33
    token = await acme.invite(NEWCOMER)
    answer = await acme.ask("owner", INVITATIONS, id=ACME)
    assert token not in str(answer)
    mails = await acme.home.mails()
    assert [(mail.message, mail.to) for mail in mails] == [("member_invitation", NEWCOMER)]
    stored = await acme.rows("select row_to_json(a)::text as text from stored_answer a where organization_id = $1")
    assert token not in "".join(row["text"] for row in stored)
