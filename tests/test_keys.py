"""What a key may do: what its maker may do now, in scope, as far as was chosen, by roles he had when he made it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from models import Permission, Role, api_keys
from models.loading import load
from tests import cluster
from tests.accounts import DAY, FIRST, JOINED, KEY_MADE, SECOND, Accounts
from tests.asking import Answer, Ask, asking

OWNER, ADMIN, MEMBER, MANAGER = Role.OWNER, Role.ADMIN, Role.MEMBER, Role.BILLING_MANAGER
VIEW_PLAN, VIEW_MEMBERS, VIEW_TEAMS = Permission.VIEW_PLAN, Permission.VIEW_MEMBERS, Permission.VIEW_TEAMS
UNKNOWN_KEY = api_keys.written(bytes(32))
STANDING = "{ viewer { organizations { nodes { slug viewerRoles } } } }"
ALLOWED = '{ organization(slug: "acme-1") { viewerPermissions } }'


class Place:
    """A database in which a test makes people, roles and keys as it goes, and a server on it."""

    def __init__(self, ask: Ask, url: str) -> None:
        self.ask, self._url = ask, url
        self.accounts = Accounts()
        self._loaded = {table: len(rows) for table, rows in self.accounts.rows.items()}

    async def saved(self) -> None:
        """Load what was added since."""
        new = {table: rows[self._loaded.get(table, 0) :] for table, rows in self.accounts.rows.items()}
        self._loaded = {table: len(rows) for table, rows in self.accounts.rows.items()}
        connection = await asyncpg.connect(self._url)
        try:
            await load(connection, new)
        finally:
            await connection.close()

    async def removed(self, user: UUID, organization: UUID, role: Role) -> None:
        await self.ask.server.database.fetch(
            "delete from role_grant where user_id = $1 and organization_id = $2 and role = $3", user, organization, role
        )

    async def standing(self, key: str, scope: str | None = None) -> dict[str, list[str]]:
        """The roles that a key shows, by organization, in order."""
        nodes = (await self.ask(STANDING, key=key, scope=scope)).data["viewer"]["organizations"]["nodes"]
        return {node["slug"]: node["viewerRoles"] for node in nodes}

    async def allowed(self, key: str) -> list[str]:
        found: list[str] = (await self.ask(ALLOWED, key=key)).data["organization"]["viewerPermissions"]
        return found


@pytest.fixture(scope="module")
async def place(server_url: str) -> AsyncIterator[Place]:
    async with cluster.created(server_url, await cluster.migrated(server_url)) as url, asking(url) as ask:
        made = Place(ask, url)
        await made.accounts.load(url)
        yield made


@dataclass(frozen=True)
class Mixed:
    """Billing manager in the first organization, admin in the second; a personal key, and one bound to each."""

    personal: str
    first: str
    second: str


@pytest.fixture(scope="module")
async def mixed(place: Place) -> Mixed:
    user = place.accounts.person("mixed", {FIRST: [MANAGER], SECOND: [ADMIN]})
    first, second = (place.accounts.key(user, organization=one) for one in (FIRST, SECOND))
    made = Mixed(place.accounts.key(user), first, second)
    await place.saved()
    return made


async def same(place: Place, *asked: tuple[str, str | None]) -> Answer:
    """What all these keys, each with a header, are told: the same about everything."""
    answers = []
    for key, scope in asked:
        told = [await place.ask(text, key=key, scope=scope) for text in QUESTIONS]
        answers.append([*told, await place.ask.sdl(key=key, scope=scope)])
    for other in answers[1:]:
        assert other == answers[0]
    return answers[0][0]


QUESTIONS = (
    STANDING,
    ALLOWED,
    '{ organization(slug: "acme-2") { viewerPermissions members { nodes { id } } } }',
    '{ organization(slug: "acme-1") { payments { nodes { id } } billingManagers { nodes { name } } } }',
    '{ organization(slug: "acme-1") { teams { nodes { id } } } }',
    '{ organization(slug: "acme-2") { apiKeys { id permissions } } }',
    '{ __type(name: "Permission") { enumValues { name } } }',
)


async def test_a_personal_key_reaches_all_organizations_of_its_maker(place: Place, mixed: Mixed) -> None:
    assert await place.standing(mixed.personal) == {"acme-1": ["BILLING_MANAGER"], "acme-2": ["ADMIN"]}


async def test_a_bound_key_is_a_personal_one_in_scope(place: Place, mixed: Mixed) -> None:  # case 64
    for key, slug, role in ((mixed.first, "acme-1", "BILLING_MANAGER"), (mixed.second, "acme-2", "ADMIN")):
        assert await place.standing(key) == {slug: [role]}
        await same(place, (key, None), (key, slug), (mixed.personal, slug))


async def test_scopes_that_are_empty_are_one(place: Place, mixed: Mixed) -> None:
    foreign = place.accounts.key(place.accounts.person("stranger", {SECOND: [OWNER]}))
    await place.saved()
    outside = [(mixed.first, "acme-2"), (mixed.first, "unknown"), (foreign, "acme-1")]
    wrong = [(mixed.personal, scope) for scope in ("unknown", "ACME-1", " ", "")]
    answer = await same(place, *outside, *wrong)
    assert answer.data == {"viewer": {"organizations": {"nodes": []}}}


async def test_nothing_of_another_organization_is_in_scope(place: Place, mixed: Mixed) -> None:  # case 64
    everything = "{ viewer { apiKeys { name organization { slug } } organizations { edges { node { slug } } } } }"
    for key, scope in ((mixed.personal, "acme-1"), (mixed.first, None)):
        found = (await place.ask(everything, key=key, scope=scope)).data["viewer"]
        assert [one["node"]["slug"] for one in found["organizations"]["edges"]] == ["acme-1"]
        assert {(one["organization"] or {}).get("slug") for one in found["apiKeys"]} == {"acme-1", None}


async def test_answers_say_that_they_depend_on_the_scope(place: Place, mixed: Mixed) -> None:
    for answer in (
        await place.ask(STANDING, key=mixed.personal),
        await place.ask("{ nothing }", key=mixed.personal, scope="acme-1"),
        await place.ask(STANDING, key=UNKNOWN_KEY),
        await place.ask.sdl(key=mixed.personal),
        await place.ask.sdl(key=UNKNOWN_KEY),
    ):
        headers = dict(answer.headers)
        assert {"authorization", "purser-organization"} <= set(headers[b"vary"].decode().lower().split(", "))
        assert headers[b"cache-control"] == b"no-store"


@pytest.mark.parametrize(
    ("chosen", "roles", "left"),
    [
        ([VIEW_PLAN, VIEW_MEMBERS], [MANAGER], [VIEW_PLAN]),
        ([VIEW_PLAN, VIEW_MEMBERS], [MEMBER], [VIEW_MEMBERS]),
        ([VIEW_PLAN, VIEW_MEMBERS], [MEMBER, MANAGER], [VIEW_PLAN, VIEW_MEMBERS]),
        ([Permission.TRANSFER_ORGANIZATION], [ADMIN], []),
        ([Permission.TRANSFER_ORGANIZATION], [OWNER], [Permission.TRANSFER_ORGANIZATION]),
        ([], [OWNER], []),
    ],
)
async def test_a_key_may_do_what_was_chosen_and_its_maker_may_do(
    place: Place, chosen: list[Permission], roles: list[Role], left: list[Permission]
) -> None:
    user = place.accounts.person(f"chooser {place.accounts.new()}", {FIRST: roles})
    keys = [place.accounts.key(user, permissions=chosen, organization=one) for one in (None, FIRST)]
    await place.saved()
    for key in keys:
        if left:
            assert await place.allowed(key) == left
        view = await place.ask.view(key=key)
        values = list(view.type_map["Permission"].values) if left else []  # type: ignore[attr-defined]
        assert values == left
        assert ("Permission" in view.type_map) == bool(left)
        organization = view.type_map["Organization"]
        shown = {"subscription": VIEW_PLAN, "members": VIEW_MEMBERS, "teams": VIEW_TEAMS}
        for name, needed in shown.items():
            assert (name in organization.fields) == (needed in left)  # type: ignore[attr-defined]


async def test_a_chosen_permission_that_is_unknown_gives_nothing(place: Place) -> None:
    user = place.accounts.person("forger", {FIRST: [OWNER]})
    key = place.accounts.key(user, permissions=[VIEW_PLAN])
    place.accounts.rows["api_key"][-1]["permissions"] = ["VIEW_PLAN", "EVERYTHING", "view_members", "", "*"]
    await place.saved()
    assert await place.allowed(key) == [VIEW_PLAN]


async def test_a_key_gains_nothing_by_a_later_role(place: Place) -> None:
    user = place.accounts.person("climber", {FIRST: [MANAGER]})
    personal, bound = place.accounts.key(user), place.accounts.key(user, organization=FIRST)
    place.accounts.grant(user, FIRST, OWNER, KEY_MADE + DAY / 86_400_000_000)
    place.accounts.grant(user, SECOND, ADMIN, KEY_MADE + DAY)
    later = place.accounts.key(user, made=KEY_MADE + DAY)
    await place.saved()
    for key in (personal, bound):
        assert await place.standing(key) == {"acme-1": ["BILLING_MANAGER"]}
        assert "VIEW_MEMBERS" not in await place.allowed(key)
    assert await place.standing(later) == {"acme-1": ["OWNER", "BILLING_MANAGER"], "acme-2": ["ADMIN"]}


async def test_a_role_of_the_same_instant_counts(place: Place) -> None:
    user = place.accounts.person("quick", {FIRST: [MEMBER]}, since=KEY_MADE)
    key = place.accounts.key(user)
    await place.saved()
    assert await place.standing(key) == {"acme-1": ["MEMBER"]}


async def test_a_bound_key_dies_with_its_role_and_does_not_revive(place: Place) -> None:  # cases 41, 42
    user = place.accounts.person("leaver", {FIRST: [MANAGER], SECOND: [MEMBER]})
    bound, elsewhere, personal = (place.accounts.key(user, organization=one) for one in (FIRST, SECOND, None))
    await place.saved()
    assert await place.standing(bound) == {"acme-1": ["BILLING_MANAGER"]}
    await place.removed(user, FIRST, MANAGER)
    dead = [await place.ask(STANDING, key=bound, scope=scope) for scope in (None, "acme-1", "acme-2", "unknown")]
    assert {*dead} == {await place.ask(STANDING, key=UNKNOWN_KEY)}
    assert dead[0].status == 401
    assert await place.ask.sdl(key=bound) == await place.ask.sdl(key=UNKNOWN_KEY)
    assert await place.standing(elsewhere) == await place.standing(personal) == {"acme-2": ["MEMBER"]}
    place.accounts.grant(user, FIRST, MANAGER, KEY_MADE + DAY)
    anew = place.accounts.key(user, organization=FIRST, made=KEY_MADE + DAY)
    await place.saved()
    assert (await place.ask(STANDING, key=bound)).status == 401
    assert await place.standing(personal) == {"acme-2": ["MEMBER"]}
    assert await place.standing(anew) == {"acme-1": ["BILLING_MANAGER"]}


async def test_a_key_keeps_what_its_other_roles_give(place: Place) -> None:  # cases 37, 38
    user = place.accounts.person("both", {FIRST: [ADMIN, MEMBER, MANAGER]})
    key = place.accounts.key(user, organization=FIRST)
    await place.saved()
    await place.removed(user, FIRST, ADMIN)
    assert await place.standing(key) == {"acme-1": ["MEMBER", "BILLING_MANAGER"]}
    assert "MANAGE_MEMBERS" not in await place.allowed(key)
    await place.removed(user, FIRST, MEMBER)
    assert await place.standing(key) == {"acme-1": ["BILLING_MANAGER"]}
    assert "VIEW_MEMBERS" not in await place.allowed(key)


async def test_a_key_that_carries_nothing_any_more_is_none(place: Place) -> None:  # case 41
    user = place.accounts.person("alone", {FIRST: [OWNER]})
    key = place.accounts.key(user)
    await place.saved()
    await place.removed(user, FIRST, OWNER)
    assert (await place.ask("{ viewer { name } }", key=key)).status == 401


async def test_keys_tell_of_permissions_that_their_reader_knows_of(place: Place) -> None:
    user = place.accounts.person("keeper", {FIRST: [OWNER, MANAGER]})
    place.accounts.key(user, organization=FIRST, permissions=[VIEW_MEMBERS, VIEW_PLAN, Permission.RECORD_USAGE])
    reader = place.accounts.key(user, permissions=[VIEW_PLAN, Permission.MANAGE_API_KEYS])
    await place.saved()
    keys = "apiKeys { permissions madeBy { __typename } }"
    asked = f'{{ organization(slug: "acme-1") {{ {keys} }} viewer {{ {keys} }} }}'
    found: dict[str, Any] = (await place.ask(asked, key=reader)).data
    told = [one["permissions"] for one in (*found["organization"]["apiKeys"], *found["viewer"]["apiKeys"])]
    assert ["VIEW_PLAN"] in told
    assert {name for one in told for name in one or ()} <= {"VIEW_PLAN", "MANAGE_API_KEYS"}
    assert {one["madeBy"]["__typename"] for one in found["organization"]["apiKeys"]} == {"OrganizationAdministrator"}


async def test_roles_before_the_key_are_what_it_carries(place: Place) -> None:
    user = place.accounts.person("early", {FIRST: [MEMBER]}, since=JOINED)
    before = place.accounts.key(user, made=JOINED - DAY)
    await place.saved()
    assert (await place.ask("{ viewer { name } }", key=before)).status == 401
