"""Idempotency keys, of every mutation that takes one: the same request has one effect and one outcome."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from schema import ids
from schema.build import build
from tests.accounts import FIRST
from tests.company import ACME, MEMBER, OTHER, Company, company, mutation
from tests.rows import id_of
from tests.test_idempotent_money import CASES as MONEY
from tests.visitors import START, Ground

TEAM, PROJECT, RESOURCE = (
    ids.write(prefix, id_of(table)) for prefix, table in (("team", "team"), ("proj", "project"), ("res", "resource"))
)
NOBODYS = ids.write("minv", FIRST)
Given = dict[str, Any]
# Tables that remember what was done, by what a change writes at least.
WRITTEN = (
    *("activity", "billing_activity", "job", "member", "role_grant", "team", "team_member", "project", "resource"),
    *("member_invitation", "billing_invitation", "api_key", "session", "organization", "organization_settings"),
    "usage_day",
)


@dataclass(frozen=True)
class Case:
    """A request that succeeds: `who` asks, `given` makes what it needs; `other` is another body for the same key."""

    who: str
    selection: str
    given: Callable[[Company], Awaitable[Given]]
    other: Given


def fixed(**given: Any) -> Callable[[Company], Awaitable[Given]]:
    async def make(_: Company) -> Given:
        return given

    return make


def of_member(name: str, **given: Any) -> Callable[[Company], Awaitable[Given]]:
    async def make(acme: Company) -> Given:
        return {"memberId": acme.member(name)} | given

    return make


async def invited_member(acme: Company) -> Given:
    await acme.invite(acme.email("stranger"))
    (row,) = await acme.rows(
        "select id from member_invitation where organization_id = $1 and expires_at > '2026-06-15'"
    )
    return {"memberInvitationId": ids.write("minv", row["id"])}


async def invited_manager(acme: Company) -> Given:
    asked = {"organizationId": ACME, "emails": ["somebody@people.test"]}
    made = await acme.done("clerk", "inviteBillingManagers", "results { invitation { id } }", **asked)
    return {"billingInvitationId": made["results"][0]["invitation"]["id"]}


async def manager(acme: Company) -> Given:
    query = "select id from role_grant where organization_id = $1 and user_id = $2 and role = 'BILLING_MANAGER'"
    (row,) = await acme.rows(query, "both")
    return {"billingManagerId": ids.write("bman", row["id"])}


async def in_team(acme: Company) -> Given:
    asked = {"teamId": TEAM, "memberId": acme.member("member")}
    await acme.done("owner", "addTeamMember", **asked)
    return asked


async def made_key(acme: Company) -> Given:
    made = await acme.done("member", "createApiKey", "apiKey { id }", name="key")
    return {"apiKeyId": made["apiKey"]["id"]}


def like(identity: str) -> str:
    """Another id of the same kind."""
    return f"{identity[:-1]}z"


WHERE: Given = {"organizationId": ACME}
OTHER_NAME = {"name": "Another name"}
CASES: dict[str, Case] = {
    "recordUsage": Case(
        "owner", "", fixed(**WHERE, metric="api_requests", quantity=5, at=START.isoformat()), {"quantity": 6}
    ),
    "updateSettings": Case(
        "owner", "settings { timeZone }", fixed(**WHERE, timeZone="Asia/Tokyo"), {"timeZone": "UTC"}
    ),
    "createProject": Case("member", "project { id }", fixed(**WHERE, name="Lander"), OTHER_NAME),
    "renameProject": Case("member", "project { id name }", fixed(projectId=PROJECT, name="Rover"), OTHER_NAME),
    "deleteProject": Case("member", "deletedProjectId", fixed(projectId=PROJECT), {"projectId": like(PROJECT)}),
    "createResource": Case(
        "member", "resource { id }", fixed(projectId=PROJECT, kind="DOCUMENTATION", name="Guide"), OTHER_NAME
    ),
    "deleteResource": Case("member", "deletedResourceId", fixed(resourceId=RESOURCE), {"resourceId": like(RESOURCE)}),
    "createTeam": Case("owner", "team { id }", fixed(**WHERE, name="Night shift"), OTHER_NAME),
    "renameTeam": Case("owner", "team { id name }", fixed(teamId=TEAM, name="Night shift"), OTHER_NAME),
    "deleteTeam": Case("owner", "deletedTeamId", fixed(teamId=TEAM), {"teamId": like(TEAM)}),
    "addTeamMember": Case("owner", "team { id }", of_member("member", teamId=TEAM), {"teamId": like(TEAM)}),
    "removeTeamMember": Case("owner", "team { id }", in_team, {"teamId": like(TEAM)}),
    "inviteMember": Case(
        "owner",
        "invitation { id email }",
        fixed(**WHERE, email="new@people.test", role=MEMBER),
        {"email": "other@people.test"},
    ),
    "resendMemberInvitation": Case(
        "owner", "invitation { id expiresAt }", invited_member, {"memberInvitationId": like(NOBODYS)}
    ),
    "revokeMemberInvitation": Case(
        "owner", "invitation { id status }", invited_member, {"memberInvitationId": like(NOBODYS)}
    ),
    "changeMemberRole": Case("owner", "member { roles }", of_member("member", role="ADMIN"), {"role": "OWNER"}),
    "removeMember": Case(
        "owner", "removedMemberId", of_member("member"), {"memberId": like(TEAM.replace("team", "mem"))}
    ),
    "inviteBillingManagers": Case(
        "clerk", "results { email outcome }", fixed(**WHERE, emails=["new@people.test"]), {"emails": ["a@people.test"]}
    ),
    "resendBillingInvitation": Case(
        "clerk",
        "invitation { id expiresAt }",
        invited_manager,
        {"billingInvitationId": like(NOBODYS.replace("minv", "binv"))},
    ),
    "revokeBillingInvitation": Case(
        "clerk",
        "invitation { id status }",
        invited_manager,
        {"billingInvitationId": like(NOBODYS.replace("minv", "binv"))},
    ),
    "removeBillingManager": Case(
        "clerk", "removedBillingManagerId", manager, {"billingManagerId": like(TEAM.replace("team", "bman"))}
    ),
    "leaveBilling": Case("both", "removedBillingManagerId", fixed(**WHERE), {}),
    "createApiKey": Case("member", "apiKey { id } secret", fixed(name="key"), OTHER_NAME),
    "revokeApiKey": Case("member", "revokedApiKeyId", made_key, {}),
    "createOrganization": Case("stranger", "organization { slug }", fixed(name="New", slug="new"), OTHER_NAME),
}
# After these who asks may not ask again: an answer is given under present rights.
GONE = {
    "leaveOrganization": Case("member", "removedMemberId", fixed(**WHERE), {}),
    "transferOrganization": Case("owner", "member { id }", of_member("member", **WHERE), {}),
}


async def written(acme: Company) -> list[Any]:
    """How much there is."""
    counts = ", ".join(f"(select count(*) from {table})" for table in WRITTEN)  # noqa: S608  # our own names
    usage = "(select sum(value) from usage_day), (select count(*) from api_key where revoked_at is null)"
    seats = "(select sum(seats_used + seats_reserved) from plan_subscription)"
    (row,) = await acme.rows(f"select {counts}, {usage}, {seats} where $1::uuid is not null")
    return list(row)


def told(payload: Any) -> Any:
    """What is the same each time: a secret is told once."""
    return {name: value for name, value in payload.items() if name != "secret"}


def test_every_mutation_with_a_key_is_in_these_tables() -> None:
    root = build().graphql.mutation_type
    assert root
    taking = {name for name, one in root.fields.items() if "idempotencyKey" in fields(one)}
    assert taking == CASES.keys() | GONE.keys() | MONEY.keys()


def fields(mutation: Any) -> set[str]:
    """The names of what a mutation is given."""
    taken = mutation.args.get("input")
    return set(taken.type.of_type.fields) if taken else set()


@pytest.mark.parametrize("verb", CASES)
async def test_the_same_request_has_one_effect_and_one_outcome(place: Ground, verb: str) -> None:
    # case 44
    case = CASES[verb]
    async with company(place) as acme:
        given = await case.given(acme) | {"idempotencyKey": "one"}
        before = await written(acme)
        first = await acme.done(case.who, verb, case.selection, **given)
        after = await written(acme)
        acme.home.clock.go(hours=23)
        assert told(await acme.do(case.who, verb, case.selection, **given)) == told(first)
        if case.other:
            assert await acme.codes(case.who, verb, **given | case.other) == ["IDEMPOTENCY_CONFLICT"]
        assert await written(acme) == after
        changed = [there != then for there, then in zip(after, before, strict=True)]
        assert any(changed)
    # case 101
    async with company(place) as acme:
        given = await case.given(acme) | {"idempotencyKey": "one"}
        answers = await asyncio.gather(*(acme.done(case.who, verb, case.selection, **given) for _ in range(4)))
        assert all(told(one) == told(answers[0]) for one in answers)
        assert await written(acme) == after


@pytest.mark.parametrize("verb", GONE)
async def test_who_is_gone_by_the_first_request_has_no_part_in_the_second(acme: Company, verb: str) -> None:
    case = GONE[verb]
    given = await case.given(acme) | {"idempotencyKey": "one"}
    await acme.done(case.who, verb, case.selection, **given)
    after = await written(acme)
    answer = await acme.post(case.who, mutation(verb), input=given)
    codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
    assert codes == ["FORBIDDEN"] or set(codes) == {"GRAPHQL_VALIDATION_FAILED"}
    assert await written(acme) == after


async def test_a_refusal_is_an_outcome_too(acme: Company) -> None:
    asked = {**WHERE, "name": "Team", "idempotencyKey": "one"}
    assert await acme.codes("owner", "createTeam", **asked) == ["NAME_TAKEN"]
    await acme.done("owner", "renameTeam", teamId=TEAM, name="Free now")
    assert await acme.codes("owner", "createTeam", **asked) == ["NAME_TAKEN"]
    assert await acme.codes("owner", "createTeam", **asked | {"idempotencyKey": "two"}) == []


async def test_a_key_is_forgotten_after_a_day(acme: Company) -> None:
    # case 101
    asked = {**WHERE, "name": "Night shift", "idempotencyKey": "one"}
    await acme.done("owner", "createTeam", **asked)
    acme.home.clock.now = START + timedelta(hours=24, microseconds=-1)
    assert await acme.codes("owner", "createTeam", **asked) == []
    acme.home.clock.now = START + timedelta(hours=24)
    assert await acme.codes("owner", "createTeam", **asked) == ["NAME_TAKEN"]


async def test_keys_are_a_persons_own_in_each_organization(acme: Company) -> None:
    # case 101
    asked = {"name": "Night shift", "idempotencyKey": "one"}
    await acme.done("owner", "createTeam", organizationId=ACME, **asked)
    await acme.done("owner", "createTeam", organizationId=OTHER, **asked)
    assert await acme.codes("admin", "createTeam", organizationId=ACME, **asked) == ["NAME_TAKEN"]


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_a_key_has_1_to_255_characters(acme: Company, key: str) -> None:
    given = {**WHERE, "name": "Night shift", "idempotencyKey": key}
    assert await acme.codes("owner", "createTeam", **given) == ["INVALID_IDEMPOTENCY_KEY"]
    assert await acme.codes("owner", "createTeam", **given | {"idempotencyKey": "k" * 255}) == []


async def test_what_was_answered_is_judged_by_present_rights(acme: Company) -> None:
    given = {**WHERE, "email": "new@people.test", "role": MEMBER, "idempotencyKey": "one"}
    await acme.done("admin", "inviteMember", "invitation { id }", **given)
    await acme.done("owner", "changeMemberRole", memberId=acme.member("admin"), role=MEMBER)
    assert await acme.refused("admin", mutation("inviteMember"), input=given) == {"GRAPHQL_VALIDATION_FAILED"}
