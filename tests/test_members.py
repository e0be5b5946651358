"""Members: changed, removed, gone. Seats and keys go with them; nobody becomes one by the way."""

import asyncio
from typing import Any

import pytest

from billing import members, teams
from billing.errors import Forbidden, LastOwner, NoSeatAvailable, NotFound, Refusal
from models import Permission, Role
from models.roles import PLANS_PAGE, WORK, mask
from schema import ids
from tests.accounts import FIRST, SECOND
from tests.company import ACME, ADMIN, HERE, MANAGER, MEMBER, OTHER, OWNER, Company, mutation
from tests.rows import id_of

MEMBERS = "query($id: ID!) { node(id: $id) { ... on Organization { members { nodes { user { email } roles } } } } }"
PLANS_PAGE_QUERY = """
query($id: ID!) { node(id: $id) { ... on Organization {
  subscription { seats { used available } }
  billingManagers { nodes { name since invitedBy { __typename } } }
  billingInvitations { nodes { email } }
  billingActivity { nodes { kind actor { __typename } } }
} } }
"""


async def here(acme: Company, who: str) -> Any:
    return (await acme.ask(who, HERE, id=ACME))["node"]


async def permitted(acme: Company, who: str) -> int:
    return mask(Permission(one) for one in (await here(acme, who))["viewerPermissions"])


async def test_an_admin_who_becomes_a_member_keeps_the_money(acme: Company) -> None:
    # case 37
    await acme.done("owner", "changeMemberRole", memberId=acme.member("both"), role=MEMBER)
    assert await acme.roles("both") == [MEMBER, MANAGER]
    assert await permitted(acme, "both") == PLANS_PAGE | WORK


async def test_a_removed_member_keeps_the_money_and_nothing_else(acme: Company) -> None:
    # case 38
    await acme.done("owner", "removeMember", memberId=acme.member("both"))
    assert await permitted(acme, "both") == PLANS_PAGE
    assert await acme.refused("both", MEMBERS, id=ACME) == {"GRAPHQL_VALIDATION_FAILED"}
    assert await acme.ask("both", PLANS_PAGE_QUERY, id=ACME)


async def test_a_change_that_began_before_the_removal_is_judged_by_what_is_left(acme: Company) -> None:
    # case 40
    room = acme.home.server.room
    before = await acme.viewer("admin"), await acme.viewer("both")
    for name in ("admin", "both"):
        await acme.done("owner", "removeMember", memberId=acme.member(name))
    with pytest.raises(NotFound):
        await teams.create(room, before[0], FIRST, "key", "Team of nobody")
    with pytest.raises(Forbidden):
        await teams.create(room, before[1], FIRST, "key", "Team of nobody")
    assert await acme.rows("select from team where organization_id = $1 and name = 'Team of nobody'") == []


async def test_a_removed_members_keys_die_with_the_role(acme: Company) -> None:
    # case 41
    made = [
        await acme.done("both", "createApiKey", "secret", name=name, **given)
        for name, given in (
            ("here", {"organizationId": ACME, "permissions": ["VIEW_TEAMS"]}),
            ("for the money", {"organizationId": ACME, "permissions": ["VIEW_INVOICES"]}),
            ("everywhere", {}),
        )
    ]
    here_, _, everywhere = (one["secret"] for one in made)
    await acme.done("owner", "removeMember", memberId=acme.member("both"))
    assert await acme.refused(here_, "{ viewer { name } }") == {"UNAUTHENTICATED"}
    assert await acme.refused(everywhere, MEMBERS, id=ACME) == {"GRAPHQL_VALIDATION_FAILED"}
    assert await acme.ask(everywhere, PLANS_PAGE_QUERY, id=ACME)


async def test_keys_of_other_organizations_live_on(acme: Company) -> None:
    # case 41
    made = [
        (await acme.done("owner", "createApiKey", "secret", name="key", organizationId=where))["secret"]
        for where in (ACME, OTHER)
    ]
    await acme.done("second", "removeMember", memberId=acme.member("owner"))
    assert await acme.refused(made[0], "{ viewer { name } }") == {"UNAUTHENTICATED"}
    assert await acme.ask(made[1], HERE, id=OTHER)


async def test_what_died_with_a_membership_does_not_revive(acme: Company) -> None:
    # case 42
    given = {"name": "key", "organizationId": ACME}, {"name": "key"}
    keys = [(await acme.done("admin", "createApiKey", "secret", **one))["secret"] for one in given]
    await acme.done("owner", "removeMember", memberId=acme.member("admin"))
    acme.home.clock.go(seconds=1)
    assert await acme.accept("admin", await acme.invite(acme.email("admin"), ADMIN)) == []
    assert await acme.roles("admin") == [ADMIN]
    for key in keys:
        assert await acme.refused(key, "{ viewer { name } }") == {"UNAUTHENTICATED"}


async def test_a_key_does_not_gain_by_a_new_role(acme: Company) -> None:
    key = (await acme.done("member", "createApiKey", "secret", name="key"))["secret"]
    acme.home.clock.go(seconds=1)
    await acme.done("owner", "changeMemberRole", memberId=acme.member("member"), role=ADMIN)
    assert await acme.refused(key, "{ viewer { name } }") == {"UNAUTHENTICATED"}
    assert await permitted(acme, "member") & Permission.MANAGE_MEMBERS.bit


@pytest.mark.parametrize("of", ["role", "membership"])
async def test_a_member_is_no_billing_manager_to_be_removed(acme: Company, of: str) -> None:
    # case 43
    query = "select id, member_id from role_grant where organization_id = $1 and user_id = $2"
    ((grant, member),) = await acme.rows(query, "member")
    asked = {"billingManagerId": ids.write("bman", grant if of == "role" else member)}
    unknown = {"billingManagerId": ids.write("bman", SECOND)}
    query = "mutation($input: RemoveBillingManagerInput!) { removeBillingManager(input: $input) "
    query += "{ removedBillingManagerId errors { code message path } } }"
    answers = [
        await acme.post("clerk", query, input=one | {"idempotencyKey": f"{n}"})
        for n, one in enumerate((asked, unknown))
    ]
    assert answers[0] == answers[1]
    assert answers[0]["data"]["removeBillingManager"]["errors"][0]["code"] == "NOT_FOUND"
    assert await acme.roles("member") == [MEMBER]


async def test_removing_twice_is_one_removal(acme: Company) -> None:
    # case 44
    asked = {"memberId": acme.member("member"), "idempotencyKey": "once"}
    first, second = [await acme.done("owner", "removeMember", "removedMemberId", **asked) for _ in range(2)]
    assert first == second == {"removedMemberId": asked["memberId"], "errors": []}
    assert await acme.codes("owner", "removeMember", memberId=asked["memberId"]) == ["NOT_FOUND"]
    removed = "select from activity where organization_id = $1 and kind = 'MEMBER_REMOVED'"
    assert len(await acme.rows(removed)) == 1


async def test_the_last_owner_stays(acme: Company) -> None:
    # case 45
    await acme.done("owner", "changeMemberRole", memberId=acme.member("second"), role=ADMIN)
    alone = acme.member("owner")
    assert await acme.codes("owner", "changeMemberRole", memberId=alone, role=MEMBER) == ["LAST_OWNER"]
    assert await acme.codes("owner", "removeMember", memberId=alone) == ["LAST_OWNER"]
    assert await acme.codes("owner", "leaveOrganization", organizationId=ACME) == ["LAST_OWNER"]
    assert await acme.roles("owner") == [OWNER]


@pytest.mark.parametrize("verb", ["changeMemberRole", "removeMember", "leaveOrganization", "transferOrganization"])
async def test_two_owners_who_go_at_once_leave_one(acme: Company, verb: str) -> None:
    # case 45
    def asked(who: str, other: str) -> dict[str, Any]:
        where, whom = {"organizationId": ACME}, {"memberId": acme.member(other)}
        given: dict[str, dict[str, Any]] = {
            "changeMemberRole": whom | {"role": ADMIN},
            "removeMember": whom,
            "leaveOrganization": where,
            "transferOrganization": where | whom,
        }
        return given[verb] | {"idempotencyKey": who}

    pairs = [("owner", "second"), ("second", "owner")]
    answers = await asyncio.gather(*(acme.post(who, mutation(verb), input=asked(who, other)) for who, other in pairs))
    owners = "select user_id from role_grant where organization_id = $1 and role = 'OWNER'"
    assert len(await acme.rows(owners)) == 1
    done = [one for one in answers if "errors" not in one and one["data"][verb]["errors"] == []]
    assert len(done) == 1 or verb == "transferOrganization"  # which may go there and back


async def test_many_owners_who_go_at_once_leave_one(acme: Company) -> None:
    # case 45
    room = acme.home.server.room
    for name in ("admin", "member", "both"):
        await acme.done("owner", "changeMemberRole", memberId=acme.member(name), role=OWNER)
    viewers = [await acme.viewer(name) for name in ("owner", "second", "admin", "member", "both")]
    found = await asyncio.gather(*(members.leave(room, one, FIRST, "go") for one in viewers), return_exceptions=True)
    assert [type(one) for one in found if isinstance(one, BaseException)] == [LastOwner]


async def test_only_owners_touch_owners(acme: Company) -> None:
    for name, given in (("changeMemberRole", {"role": MEMBER}), ("removeMember", {})):
        assert await acme.codes("admin", name, memberId=acme.member("owner"), **given) == ["OWNERS_ONLY"]
    asked = {"memberId": acme.member("member"), "role": OWNER}
    assert await acme.codes("admin", "changeMemberRole", **asked) == ["OWNERS_ONLY"]
    asked = {"memberId": acme.member("admin"), "role": OWNER}
    assert await acme.codes("admin", "changeMemberRole", **asked) == ["OWNERS_ONLY"]


async def test_an_owners_key_without_that_permission_makes_no_owner(acme: Company) -> None:
    chosen = ["MANAGE_MEMBERS", "VIEW_MEMBERS"]
    key = (await acme.done("owner", "createApiKey", "secret", name="key", permissions=chosen))["secret"]
    asked = {"memberId": acme.member("member"), "role": OWNER}
    assert await acme.codes(key, "changeMemberRole", **asked) == ["OWNERS_ONLY"]
    leaving = {"organizationId": ACME, "idempotencyKey": "go"}
    assert await acme.refused(key, mutation("leaveOrganization"), input=leaving) == {"FORBIDDEN"}
    assert await acme.roles("owner") == [OWNER]


async def test_a_role_is_changed_to_just_that_one(acme: Company) -> None:
    role = "member { roles }"
    asked = {"memberId": acme.member("second"), "role": OWNER}
    made = await acme.done("owner", "changeMemberRole", role, **asked)
    assert made["member"] == {"roles": ["OWNER"]}
    assert await acme.codes("owner", "changeMemberRole", **asked | {"role": MANAGER}) == ["INVALID_INPUT"]
    assert await acme.roles("second") == [OWNER]


async def test_an_organization_is_handed_to_a_member(acme: Company) -> None:
    # case 46
    await acme.done("owner", "transferOrganization", organizationId=ACME, memberId=acme.member("member"))
    assert (await acme.roles("owner"), await acme.roles("member")) == ([ADMIN], [OWNER])
    assert await acme.refused("admin", mutation("transferOrganization"), input={}) == {"GRAPHQL_VALIDATION_FAILED"}


async def test_an_organization_is_handed_to_no_billing_manager_and_to_no_stranger(acme: Company) -> None:
    # case 46
    manager = await acme.rows("select id from role_grant where organization_id = $1 and user_id = $2", "clerk")
    for wrong in ("bman", "mem"):
        asked = {"organizationId": ACME, "memberId": ids.write(wrong, manager[0]["id"])}
        assert await acme.codes("owner", "transferOrganization", **asked) == ["NOT_FOUND"]
    foreign = ids.write("mem", acme.accounts.member(acme.users["owner"], SECOND, acme.home.clock()))
    assert await acme.codes("owner", "transferOrganization", organizationId=ACME, memberId=foreign) == ["NOT_FOUND"]
    asked = {"organizationId": ACME, "memberId": acme.member("owner")}
    assert await acme.codes("owner", "transferOrganization", **asked) == ["INVALID_INPUT"]
    assert await acme.roles("owner") == [OWNER]


async def test_no_way_but_his_own_invitation_makes_a_billing_manager_a_member(acme: Company) -> None:
    # case 47
    of_member = await acme.invite(acme.email("stranger"))
    assert await acme.accept("clerk", of_member) == ["INVALID_INVITATION"]
    grant = await acme.rows("select id from role_grant where organization_id = $1 and user_id = $2", "clerk")
    for prefix in ("mem", "bman"):
        asked = {"memberId": ids.write(prefix, grant[0]["id"]), "role": MEMBER}
        assert await acme.codes("owner", "changeMemberRole", **asked) == ["NOT_FOUND"]
    own = await acme.invite(acme.email("clerk"))
    assert await acme.roles("clerk") == [MANAGER]  # being invited is nothing yet
    assert await acme.accept("clerk", own) == []
    assert await acme.roles("clerk") == [MEMBER, MANAGER]


async def test_nothing_of_a_membership_is_left_behind(acme: Company) -> None:
    # case 48
    team = await acme.done("owner", "createTeam", "team { id }", organizationId=ACME, name="Night shift")
    asked = {"teamId": team["team"]["id"], "memberId": acme.member("second")}
    await acme.done("owner", "addTeamMember", **asked)
    await acme.done("owner", "removeMember", memberId=acme.member("second"))
    for table in ("role_grant", "member"):
        assert await acme.rows(f"select from {table} where organization_id = $1 and user_id = $2", "second") == []
    left = await acme.rows("select member_id from team_member where organization_id = $1")
    assert [row["member_id"] for row in left] == [id_of("member")]
    assert (await acme.ask("second", "query($id: ID!) { node(id: $id) { id } }", id=ACME))["node"] is None


async def test_billing_managers_see_no_change_but_of_seats(acme: Company) -> None:
    await acme.buy(10)
    before = (await acme.ask("clerk", PLANS_PAGE_QUERY, id=ACME))["node"]
    await acme.invite(acme.email("stranger"))
    await acme.done("owner", "changeMemberRole", memberId=acme.member("member"), role=ADMIN)
    await acme.done("owner", "changeMemberRole", memberId=acme.member("both"), role=MEMBER)
    await acme.done("second", "transferOrganization", organizationId=ACME, memberId=acme.member("admin"))
    after = (await acme.ask("clerk", PLANS_PAGE_QUERY, id=ACME))["node"]
    used = before.pop("subscription")["seats"]["used"]
    assert after.pop("subscription")["seats"]["used"] == used + 1
    assert after == before


async def test_every_change_is_noted_with_who_made_it(acme: Company) -> None:
    token = await acme.invite(acme.email("stranger"), who="admin")
    acme.home.clock.go(seconds=1)
    await acme.accept("stranger", token)
    acme.home.clock.go(seconds=1)
    await acme.done("owner", "changeMemberRole", memberId=acme.member("member"), role=ADMIN)
    acme.home.clock.go(seconds=1)
    await acme.done("member", "removeMember", memberId=acme.member("admin"))
    found = await acme.rows(
        "select a.kind, u.name as actor, a.acted_as, a.subject from activity a join user_account u on u.id = a.actor_id"
        " where a.organization_id = $1 and a.at >= '2026-06-01' order by a.at"
    )
    assert [tuple(row) for row in found] == [
        ("MEMBER_INVITED", "admin", "ADMIN", acme.email("stranger")),
        ("MEMBER_JOINED", "stranger", "MEMBER", "stranger"),
        ("MEMBER_ROLE_CHANGED", "owner", "OWNER", "member"),
        ("MEMBER_REMOVED", "member", "ADMIN", "admin"),
    ]


def test_refusals_of_members_are_hidden_from_those_who_manage_none() -> None:
    hidden = {one.code for one in Refusal.__subclasses__() if one.needs is Permission.MANAGE_MEMBERS}
    assert hidden == {"LAST_OWNER", "NO_SEAT_AVAILABLE", "OWNERS_ONLY", "ALREADY_MEMBER"}
    assert NoSeatAvailable.needs is Permission.MANAGE_MEMBERS
    assert Role.BILLING_MANAGER not in members.ROLES
