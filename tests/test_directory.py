"""Teams, projects, resources and settings: changed by those who may, noted, and unknown to billing managers."""

from typing import Any

import pytest

from schema import ids
from tests.accounts import SECOND
from tests.company import ACME, OTHER, Company, mutation
from tests.rows import id_of

TEAM, PROJECT, RESOURCE = (
    ids.write(prefix, id_of(table)) for prefix, table in (("team", "team"), ("proj", "project"), ("res", "resource"))
)
WRONG_NAMES = ["", "   ", "a" * 101, "two\nlines", "tab\there", "\u202egnp.exe", "\u2066x", "\x00", "\u2028", "\u200d"]
SETTINGS = "settings { timeZone defaultVisibility emailDomains twoFactorRequired }"


async def noted(acme: Company) -> list[tuple[str, str, str]]:
    """What was noted today: what, by whom, about what."""
    found = await acme.rows(
        "select a.kind, u.name, a.subject from activity a join user_account u on u.id = a.actor_id"
        " where a.organization_id = $1 and a.at >= '2026-06-01' order by a.at, a.kind"
    )
    return [tuple(row) for row in found]


async def test_a_team_is_created_renamed_and_deleted(acme: Company) -> None:
    made = await acme.done("admin", "createTeam", "team { id name }", organizationId=ACME, name="  Night shift ")
    team = made["team"]
    assert team["name"] == "Night shift"
    acme.home.clock.go(seconds=1)
    renamed = await acme.done("owner", "renameTeam", "team { name }", teamId=team["id"], name="Day shift")
    assert renamed["team"] == {"name": "Day shift"}
    acme.home.clock.go(seconds=1)
    deleted = await acme.done("admin", "deleteTeam", "deletedTeamId", teamId=team["id"])
    assert deleted["deletedTeamId"] == team["id"]
    assert await acme.codes("admin", "deleteTeam", teamId=team["id"]) == ["NOT_FOUND"]
    assert await noted(acme) == [
        ("TEAM_CREATED", "admin", "Night shift"),
        ("TEAM_RENAMED", "owner", "Day shift"),
        ("TEAM_DELETED", "admin", "Day shift"),
    ]


async def test_a_team_that_goes_leaves_its_projects_and_people(acme: Company) -> None:
    members = len(await acme.rows("select from member where organization_id = $1"))
    await acme.done("owner", "deleteTeam", teamId=TEAM)
    assert [row["team_id"] for row in await acme.rows("select team_id from project where organization_id = $1")] == [
        None
    ]
    assert len(await acme.rows("select from member where organization_id = $1")) == members


async def test_members_join_and_leave_teams(acme: Company) -> None:
    asked = {"teamId": TEAM, "memberId": acme.member("member")}
    shown = "team { members { nodes { user { name } } } }"
    for _ in range(2):
        made = await acme.done("admin", "addTeamMember", shown, **asked)
        assert [one["user"]["name"] for one in made["team"]["members"]["nodes"]] == ["Person", "member"]
    acme.home.clock.go(seconds=1)
    made = await acme.done("admin", "removeTeamMember", shown, **asked)
    assert [one["user"]["name"] for one in made["team"]["members"]["nodes"]] == ["Person"]
    assert await acme.codes("admin", "removeTeamMember", **asked) == ["NOT_FOUND"]
    assert await noted(acme) == [
        ("TEAM_MEMBER_ADDED", "admin", "Team: member"),
        ("TEAM_MEMBER_REMOVED", "admin", "Team: member"),
    ]


async def test_nobody_joins_a_team_of_another_organization(acme: Company) -> None:
    foreign = ids.write("mem", acme.accounts.member(acme.users["owner"], SECOND, acme.home.clock()))
    theirs = ids.write("team", id_of("team", 2))
    member = acme.member("member")
    for team, one in ((TEAM, foreign), (theirs, member), (TEAM, ids.write("mem", SECOND)), (TEAM, "member")):
        assert await acme.codes("owner", "addTeamMember", teamId=team, memberId=one) == ["NOT_FOUND"]
    made = {"organizationId": ACME, "name": "Elsewhere", "teamId": theirs}
    assert await acme.codes("owner", "createProject", **made) == ["NOT_FOUND"]


async def test_a_project_is_created_renamed_and_deleted_with_its_resources(acme: Company) -> None:
    asked = {"organizationId": ACME, "name": "Lander", "teamId": TEAM}
    made = await acme.done("member", "createProject", "project { id name team { id } }", **asked)
    project = made["project"]
    assert (project["name"], project["team"]) == ("Lander", {"id": TEAM})
    thing = {"projectId": project["id"], "kind": "MOCK_SERVER", "name": "Sandbox"}
    shown = "resource { name kind project { id } createdBy { ... on Member { user { name } } } }"
    assert (await acme.done("member", "createResource", shown, **thing))["resource"] == {
        "name": "Sandbox",
        "kind": "MOCK_SERVER",
        "project": {"id": project["id"]},
        "createdBy": {"user": {"name": "member"}},
    }
    await acme.done("member", "renameProject", projectId=project["id"], name="Rover")
    await acme.done("member", "deleteProject", projectId=project["id"])
    assert [row["name"] for row in await acme.rows("select name from resource where organization_id = $1")] == [
        "Resource"
    ]
    assert await acme.codes("member", "createResource", **thing) == ["NOT_FOUND"]


async def test_a_resource_is_deleted(acme: Company) -> None:
    deleted = await acme.done("member", "deleteResource", "deletedResourceId", resourceId=RESOURCE)
    assert deleted["deletedResourceId"] == RESOURCE
    assert await acme.codes("member", "deleteResource", resourceId=RESOURCE) == ["NOT_FOUND"]
    assert await noted(acme) == [("RESOURCE_DELETED", "member", "Resource")]


@pytest.mark.parametrize("name", WRONG_NAMES)
async def test_what_cannot_stand_in_a_line_is_no_name(acme: Company, name: str) -> None:
    for verb, where in (
        ("createTeam", {"organizationId": ACME}),
        ("renameTeam", {"teamId": TEAM}),
        ("createProject", {"organizationId": ACME}),
        ("renameProject", {"projectId": PROJECT}),
        ("createResource", {"projectId": PROJECT, "kind": "DOCUMENTATION"}),
    ):
        payload = await acme.do("owner", verb, **where, name=name)
        assert payload["errors"] == [{"code": "INVALID_NAME", "path": ["name"]}]
    assert await noted(acme) == []


@pytest.mark.parametrize("name", ["\u05d0\u05d1", "👩\u200d🚀 crew", "a" * 100, "<script>", "'; drop table team; --"])
async def test_any_script_makes_a_name(acme: Company, name: str) -> None:
    made = await acme.done("owner", "createTeam", "team { name }", organizationId=ACME, name=name)
    assert made["team"] == {"name": name}


async def test_names_are_unique_where_they_are_looked_for(acme: Company) -> None:
    taken = ["NAME_TAKEN"]
    assert await acme.codes("owner", "createTeam", organizationId=ACME, name="TEAM") == taken
    assert await acme.codes("owner", "createProject", organizationId=ACME, name="project") == taken
    of_project = {"projectId": PROJECT, "name": "resource"}
    assert await acme.codes("owner", "createResource", **of_project, kind="COLLECTION") == taken
    assert await acme.codes("owner", "createResource", **of_project, kind="DOCUMENTATION") == []
    assert await acme.codes("owner", "renameTeam", teamId=TEAM, name="TEAM") == []  # itself
    await acme.done("owner", "createTeam", organizationId=ACME, name="Second")
    assert await acme.codes("owner", "renameTeam", teamId=TEAM, name="second") == taken
    assert await acme.codes("owner", "createTeam", organizationId=OTHER, name="Second") == []


async def test_settings_change_one_by_one(acme: Company) -> None:
    made = await acme.done("admin", "updateSettings", SETTINGS, organizationId=ACME, timeZone="Europe/Zurich")
    before = {"defaultVisibility": "TEAM", "emailDomains": ["acme.test"], "twoFactorRequired": False}
    assert made["settings"] == {"timeZone": "Europe/Zurich", **before}
    asked = {"emailDomains": ["Example.test", "b\u00fccher.test", "example.test"], "twoFactorRequired": True}
    made = await acme.done("admin", "updateSettings", SETTINGS, organizationId=ACME, **asked)
    assert made["settings"]["emailDomains"] == ["example.test", "xn--bcher-kva.test"]
    assert sorted(subject for _, _, subject in await noted(acme)) == [
        "Email domains",
        "Time zone",
        "Two-factor authentication",
    ]


async def test_settings_that_do_not_change_are_not_noted(acme: Company) -> None:
    await acme.done("admin", "updateSettings", organizationId=ACME, timeZone="UTC", defaultVisibility=None)
    assert await noted(acme) == []


async def test_settings_are_made_when_there_are_none(acme: Company) -> None:
    await acme.home.execute("delete from organization_settings")
    made = await acme.done("owner", "updateSettings", SETTINGS, organizationId=ACME, twoFactorRequired=True)
    assert made["settings"] == {
        "timeZone": "UTC",
        "defaultVisibility": "ORGANIZATION",
        "emailDomains": [],
        "twoFactorRequired": True,
    }


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"timeZone": "Mars/Olympus_Mons"}, "INVALID_INPUT", "timeZone"),
        ({"timeZone": "../../etc/passwd"}, "INVALID_INPUT", "timeZone"),
        ({"emailDomains": ["no domain"]}, "INVALID_INPUT", "emailDomains"),
        ({"emailDomains": ["a@example.test"]}, "INVALID_INPUT", "emailDomains"),
        ({"emailDomains": ["example.test"] * 51}, "TOO_MANY", "emailDomains"),
    ],
)
async def test_wrong_settings_are_refused(acme: Company, given: dict[str, Any], code: str, path: str) -> None:
    payload = await acme.do("owner", "updateSettings", organizationId=ACME, twoFactorRequired=True, **given)
    assert payload["errors"] == [{"code": code, "path": [path]}]
    (row,) = await acme.rows("select two_factor_required as on from organization_settings where organization_id = $1")
    assert row["on"] is False


# By hand from the table of DOMAIN.md 1.
MEMBERS_TOO = {"owner", "admin", "member", "both"}
ADMINISTRATORS = {"owner", "admin", "both"}
ALLOWED: dict[str, set[str]] = {
    "inviteMember": ADMINISTRATORS,
    "resendMemberInvitation": ADMINISTRATORS,
    "revokeMemberInvitation": ADMINISTRATORS,
    "changeMemberRole": ADMINISTRATORS,
    "removeMember": ADMINISTRATORS,
    "leaveOrganization": MEMBERS_TOO,
    "transferOrganization": {"owner"},
    "createTeam": ADMINISTRATORS,
    "renameTeam": ADMINISTRATORS,
    "deleteTeam": ADMINISTRATORS,
    "addTeamMember": ADMINISTRATORS,
    "removeTeamMember": ADMINISTRATORS,
    "createProject": MEMBERS_TOO,
    "renameProject": MEMBERS_TOO,
    "deleteProject": MEMBERS_TOO,
    "createResource": MEMBERS_TOO,
    "deleteResource": MEMBERS_TOO,
    "updateSettings": ADMINISTRATORS,
    "recordUsage": ADMINISTRATORS,
}


@pytest.mark.parametrize("verb", ALLOWED)
async def test_a_mutation_is_there_for_those_who_may(acme: Company, verb: str) -> None:
    """To everybody else it is a typo."""
    typo = f"mutation {{ {verb}x(input: {{}}) {{ __typename }} }}"
    for who in ("owner", "admin", "member", "both", "clerk"):
        answer = await acme.post(who, f"mutation {{ {verb}(input: {{}}) {{ __typename }} }}")
        messages = {error["message"] for error in answer["errors"]}
        unknown = f"Cannot query field '{verb}' on type 'Mutation'."
        if who in ALLOWED[verb]:
            assert messages
            assert unknown not in messages
        else:
            wrong = await acme.post(who, typo)
            assert [one["message"].replace(f"{verb}x", verb) for one in wrong["errors"]] == list(messages) == [unknown]


async def test_who_may_elsewhere_is_refused_here(acme: Company) -> None:
    """The owner of the other organization is but a member of this one."""
    await acme.done("second", "changeMemberRole", memberId=acme.member("owner"), role="MEMBER")
    for verb, given in (
        ("createTeam", {"organizationId": ACME, "name": "Mine"}),
        ("renameTeam", {"teamId": TEAM, "name": "Mine"}),
        ("removeMember", {"memberId": acme.member("member")}),
        ("updateSettings", {"organizationId": ACME}),
    ):
        asked = {"idempotencyKey": verb} | given
        assert await acme.refused("owner", mutation(verb), input=asked) == {"FORBIDDEN"}
    assert await acme.rows("select from team where organization_id = $1 and name = 'Mine'") == []


async def test_a_key_may_do_what_was_chosen_for_it(acme: Company) -> None:
    given = {"name": "key", "permissions": ["MANAGE_TEAMS", "VIEW_TEAMS"], "organizationId": ACME}
    key = (await acme.done("owner", "createApiKey", "secret", **given))["secret"]
    await acme.done(key, "createTeam", "team { name }", organizationId=ACME, name="By a key")
    assert await acme.refused(key, mutation("createProject"), input={}) == {"GRAPHQL_VALIDATION_FAILED"}
    assert await acme.codes(key, "createTeam", organizationId=OTHER, name="Beyond") == ["NOT_FOUND"]
    rows = await acme.rows("select acted_as from activity where organization_id = $1 and subject = 'By a key'")
    assert [row["acted_as"] for row in rows] == ["OWNER"]
