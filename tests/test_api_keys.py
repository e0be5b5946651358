"""API keys: made by anybody for himself, shown once, never more than their maker, and dead when they are revoked."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from models import Permission, api_keys
from schema import ids
from tests.accounts import FIRST, SECOND
from tests.company import ACME, ADMIN, HERE, OTHER, Company
from tests.visitors import START

SHOWN = """secret apiKey { id name prefix permissions organization { slug } madeBy { __typename } createdAt expiresAt
 lastUsedAt }"""
VIEWER = "{ viewer { email apiKeys { id name permissions lastUsedAt } } }"
KEYS = "query($id: ID!) { node(id: $id) { ... on Organization { apiKeys { id name } } } }"
KEY = {"name": "key"}


async def made(acme: Company, who: str, **given: Any) -> str:
    """The text of a new key."""
    return str((await acme.done(who, "createApiKey", "secret", **KEY | given))["secret"])


async def dead(acme: Company, key: str) -> bool:
    return await acme.refused(key, VIEWER) == {"UNAUTHENTICATED"}


async def test_a_key_is_shown_once_and_acts_for_its_maker(acme: Company) -> None:
    until = (START + timedelta(days=30)).isoformat().replace("+00:00", "Z")
    given = {"name": "  Nightly export ", "permissions": ["VIEW_INVOICES", "VIEW_PLAN"], "organizationId": ACME}
    answer = await acme.done("clerk", "createApiKey", SHOWN, **given, expiresAt=until)
    secret, key = answer["secret"], answer["apiKey"]
    assert api_keys.well_formed(secret)
    assert key.pop("id")
    assert key == {
        "name": "Nightly export",
        "prefix": secret[:11],
        "permissions": ["VIEW_PLAN", "VIEW_INVOICES"],
        "organization": {"slug": "acme-1"},
        "madeBy": {"__typename": "BillingManager"},
        "createdAt": START.isoformat().replace("+00:00", "Z"),
        "expiresAt": until,
        "lastUsedAt": None,
    }
    found = await acme.ask(secret, HERE, id=ACME)
    assert found["node"]["viewerPermissions"] == ["VIEW_PLAN", "VIEW_INVOICES"]
    (row,) = await acme.rows(
        "select row_to_json(k)::text as text from api_key k where organization_id = $1 and user_id = $2", "clerk"
    )
    assert secret not in row["text"]


async def test_a_personal_key_is_good_wherever_its_maker_has_a_role(acme: Company) -> None:
    answer = await acme.done("owner", "createApiKey", SHOWN, **KEY)
    assert (answer["apiKey"]["permissions"], answer["apiKey"]["organization"]) == (None, None)
    for where in (ACME, OTHER):
        assert len((await acme.ask(answer["secret"], HERE, id=where))["node"]["viewerPermissions"]) == len(Permission)
    bound = await made(acme, "owner", organizationId=OTHER)
    assert (await acme.ask(bound, "query($id: ID!) { node(id: $id) { id } }", id=ACME))["node"] is None


async def test_the_secret_is_not_told_again_and_not_stored(acme: Company) -> None:
    for given in ({"organizationId": ACME}, {}):
        asked = KEY | given | {"idempotencyKey": f"once {given}"}
        first, second = [await acme.done("member", "createApiKey", "secret apiKey { id }", **asked) for _ in range(2)]
        assert first["secret"]
        assert second == {"secret": None, "apiKey": first["apiKey"], "errors": []}
        stored = await acme.home.value("select string_agg(row_to_json(a)::text, '') from stored_answer a")
        assert first["secret"] not in stored
        conflict = await acme.codes("member", "createApiKey", **asked | {"name": "other"})
        assert conflict == ["IDEMPOTENCY_CONFLICT"]


async def test_the_same_request_at_once_makes_one_key(acme: Company) -> None:
    for given in ({"organizationId": ACME}, {}):
        asked = KEY | given | {"idempotencyKey": f"once {given}"}
        answers = await asyncio.gather(
            *(acme.done("member", "createApiKey", "secret apiKey { id }", **asked) for _ in range(6))
        )
        assert len({one["apiKey"]["id"] for one in answers}) == 1
        assert len([one for one in answers if one["secret"]]) == 1


@pytest.mark.parametrize(
    ("who", "given", "code"),
    [
        ("member", {"permissions": ["VIEW_MEMBERS", "VIEW_TEAMS"]}, None),
        ("clerk", {"permissions": ["VIEW_PLAN"], "organizationId": OTHER}, "NOT_FOUND"),
        ("clerk", {"permissions": []}, "EMPTY"),
        ("clerk", {"name": ""}, "INVALID_NAME"),
        ("clerk", {"name": "two\nlines"}, "INVALID_NAME"),
        ("clerk", {"expiresAt": START.isoformat()}, "INVALID_INPUT"),
        ("clerk", {"idempotencyKey": ""}, "INVALID_IDEMPOTENCY_KEY"),
    ],
)
async def test_a_wrong_key_is_not_made(acme: Company, who: str, given: dict[str, Any], code: str | None) -> None:
    assert await acme.codes(who, "createApiKey", **KEY | given) == ([code] if code else [])


async def test_a_key_is_given_only_what_its_maker_may_do_there(acme: Company) -> None:
    await acme.done("second", "changeMemberRole", memberId=acme.member("owner"), role="MEMBER")
    wanted = {"permissions": ["VIEW_TEAMS", "MANAGE_TEAMS"]}
    assert await acme.codes("owner", "createApiKey", **KEY, **wanted, organizationId=ACME) == ["INVALID_PERMISSIONS"]
    assert await acme.codes("owner", "createApiKey", **KEY, **wanted, organizationId=OTHER) == []
    assert await acme.codes("owner", "createApiKey", **KEY, **wanted) == []
    hidden = 'mutation { createApiKey(input: {name: "a", permissions: [VIEW_TEAMS], idempotencyKey: "a"}) { secret } }'
    assert await acme.refused("clerk", hidden) == {"GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize("who", ["stranger", "nobody"])
async def test_who_is_nothing_anywhere_makes_no_key(acme: Company, who: str) -> None:
    asked = 'mutation { createApiKey(input: {name: "a", idempotencyKey: "a"}) { secret } }'
    if who == "stranger":
        assert await acme.refused(who, asked) == {"FORBIDDEN"}
        return
    async with acme.home.visit() as browser:
        answer = (await browser.post("/graphql", json={"query": asked})).json()
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_key_makes_no_key_beyond_itself(acme: Company) -> None:
    until = START + timedelta(days=7)
    given = {"permissions": ["VIEW_TEAMS", "MANAGE_TEAMS"], "organizationId": ACME, "expiresAt": until.isoformat()}
    key = await made(acme, "owner", **given)
    answer = await acme.done(key, "createApiKey", SHOWN, **KEY)
    assert answer["apiKey"]["permissions"] == ["VIEW_TEAMS", "MANAGE_TEAMS"]
    assert answer["apiKey"]["organization"] == {"slug": "acme-1"}
    assert answer["apiKey"]["expiresAt"] == until.isoformat().replace("+00:00", "Z")
    narrower = await acme.done(key, "createApiKey", SHOWN, **KEY, permissions=["VIEW_TEAMS"])
    assert narrower["apiKey"]["permissions"] == ["VIEW_TEAMS"]
    longer = {"expiresAt": (until + timedelta(seconds=1)).isoformat()}
    assert await acme.codes(key, "createApiKey", **KEY, **longer) == ["INVALID_INPUT"]
    assert await acme.codes(key, "createApiKey", **KEY, organizationId=OTHER) == ["NOT_FOUND"]
    beyond = 'mutation { createApiKey(input: {name: "a", permissions: [VIEW_PLAN], idempotencyKey: "a"}) { secret } }'
    assert await acme.refused(key, beyond) == {"GRAPHQL_VALIDATION_FAILED"}


async def test_a_key_that_is_good_everywhere_makes_none_with_a_role_that_it_lacks(acme: Company) -> None:
    key = await made(acme, "clerk")
    acme.home.clock.go(seconds=1)
    await acme.accept("clerk", await acme.invite(acme.email("clerk"), ADMIN))
    assert await acme.codes(key, "createApiKey", **KEY) == ["INVALID_INPUT"]
    through = await acme.done(key, "createApiKey", SHOWN, **KEY, organizationId=ACME)
    seen = await acme.ask(through["secret"], HERE, id=ACME)
    assert seen["node"]["viewerPermissions"] == (await acme.ask(key, HERE, id=ACME))["node"]["viewerPermissions"]
    assert "VIEW_TEAMS" not in seen["node"]["viewerPermissions"]


async def test_nobody_has_more_keys_than_a_list_can_hold(acme: Company) -> None:
    first = await made(acme, "member")
    await acme.home.execute(
        "insert into api_key (id, user_id, name, prefix, digest, created_at)"
        " select gen_random_uuid(), user_id, name, prefix, sha256(n::text::bytea), created_at"
        " from api_key, generate_series(1, 99) n where digest = $1",
        api_keys.digest(first),
    )
    assert await acme.codes("member", "createApiKey", **KEY) == ["TOO_MANY"]
    await acme.home.execute("update api_key set expires_at = $1 where digest = sha256('1')", START)
    assert await acme.codes("member", "createApiKey", **KEY) == []


async def test_everybody_revokes_his_own_keys(acme: Company) -> None:
    for given in ({"organizationId": ACME}, {}):
        answer = await acme.done("clerk", "createApiKey", "secret apiKey { id }", **KEY | given)
        asked = {"apiKeyId": answer["apiKey"]["id"]}
        revoked = await acme.done("clerk", "revokeApiKey", "revokedApiKeyId", **asked, idempotencyKey=f"{given}")
        assert revoked["revokedApiKeyId"] == asked["apiKeyId"]
        assert await dead(acme, answer["secret"])
        again = await acme.done("clerk", "revokeApiKey", "revokedApiKeyId", **asked, idempotencyKey=f"{given}")
        assert again == revoked
        assert await acme.codes("clerk", "revokeApiKey", **asked) == ["NOT_FOUND"]
    assert (await acme.ask("clerk", VIEWER))["viewer"]["apiKeys"] == []


async def test_who_manages_keys_revokes_those_of_the_organization(acme: Company) -> None:
    answer = await acme.done("member", "createApiKey", "secret apiKey { id }", **KEY, organizationId=ACME)
    listed = (await acme.ask("admin", KEYS, id=ACME))["node"]["apiKeys"]
    assert {"id": answer["apiKey"]["id"], "name": "key"} in listed
    await acme.done("admin", "revokeApiKey", apiKeyId=answer["apiKey"]["id"])
    assert await dead(acme, answer["secret"])


async def test_every_other_key_is_one_that_is_not_there(acme: Company) -> None:
    personal = await acme.done("owner", "createApiKey", "secret apiKey { id }", **KEY)
    bound = await acme.done("owner", "createApiKey", "secret apiKey { id }", **KEY, organizationId=ACME)
    foreign = await acme.done("owner", "createApiKey", "secret apiKey { id }", **KEY, organizationId=OTHER)
    unknown = ids.write("key", SECOND)
    query = "mutation($id: ID!, $key: String!) { revokeApiKey(input: {apiKeyId: $id, idempotencyKey: $key}) "
    query += "{ revokedApiKeyId errors { code message path } } }"
    for who, wrong in (
        ("admin", [personal, foreign]),
        ("clerk", [personal, bound, foreign]),
        ("member", [personal, bound, foreign]),
    ):
        of = [*(one["apiKey"]["id"] for one in wrong), unknown, "key_1", personal["secret"], ids.write("org", FIRST)]
        answers = [await acme.post(who, query, id=one, key=f"{who} {n}") for n, one in enumerate(of)]
        assert {str(one) for one in answers} == {str(answers[0])}
        assert answers[0]["data"]["revokeApiKey"]["errors"][0]["code"] == "NOT_FOUND"
    for one in (personal, bound, foreign):
        assert not await dead(acme, one["secret"])


async def test_a_key_dies_at_its_instant(acme: Company) -> None:
    key = await made(acme, "clerk", expiresAt=(START + timedelta(hours=1)).isoformat())
    acme.home.clock.now = START + timedelta(hours=1, microseconds=-1)
    assert not await dead(acme, key)
    acme.home.clock.now = START + timedelta(hours=1)
    assert await dead(acme, key)


@pytest.mark.parametrize("end", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
async def test_an_instant_beyond_all_that_there_are_is_none(acme: Company, end: str) -> None:
    asked = 'mutation($end: DateTime) { createApiKey(input: {name: "a", expiresAt: $end, idempotencyKey: "a"}) '
    assert await acme.refused("clerk", asked + "{ secret } }", end=end) == {"BAD_USER_INPUT"}


async def test_the_same_instant_in_another_zone_is_the_same_request(acme: Company) -> None:
    given = KEY | {"idempotencyKey": "once"}
    first = await acme.done("clerk", "createApiKey", "apiKey { id }", **given, expiresAt="2026-07-01T00:00:00Z")
    again = await acme.done("clerk", "createApiKey", "apiKey { id }", **given, expiresAt="2026-07-01T02:00:00+02:00")
    assert again == first


async def test_a_narrow_key_ends_itself_and_no_other_of_its_makers(acme: Company) -> None:
    wide = await acme.done("admin", "createApiKey", "secret apiKey { id }", **KEY)
    bound = await acme.done("admin", "createApiKey", "secret apiKey { id }", **KEY, organizationId=ACME)
    few = {"permissions": ["VIEW_PLAN"], "organizationId": ACME}
    narrow = await acme.done("admin", "createApiKey", "secret apiKey { id }", **KEY, **few)
    for one in (wide, bound):
        assert await acme.codes(narrow["secret"], "revokeApiKey", apiKeyId=one["apiKey"]["id"]) == ["NOT_FOUND"]
        assert not await dead(acme, one["secret"])
    await acme.done(narrow["secret"], "revokeApiKey", apiKeyId=narrow["apiKey"]["id"])
    assert await dead(acme, narrow["secret"])
    await acme.done(wide["secret"], "revokeApiKey", apiKeyId=bound["apiKey"]["id"])
    assert await dead(acme, bound["secret"])


async def last_used(acme: Company) -> Any:
    return await acme.home.value("select last_used_at from api_key where user_id = $1", acme.users["clerk"])


async def test_the_last_use_is_written_at_most_once_an_hour_and_not_by_the_request(acme: Company) -> None:
    key = await made(acme, "clerk")
    use = acme.home.server.key_use
    await acme.ask(key, VIEWER)
    assert await last_used(acme) is None
    await use.write()
    assert await last_used(acme) == START
    for minutes, written in ((59, START), (60, START + timedelta(hours=1)), (70, START + timedelta(hours=1))):
        acme.home.clock.now = START + timedelta(minutes=minutes)
        await acme.ask(key, VIEWER)
        await use.write()
        assert await last_used(acme) == written
    shown = (await acme.ask("clerk", VIEWER))["viewer"]["apiKeys"]
    assert [one["lastUsedAt"] for one in shown] == ["2026-06-15T13:00:00Z"]


async def test_the_last_use_is_written_when_the_server_ends(acme: Company) -> None:
    key = await made(acme, "clerk")
    async with acme.home.server.key_use.writing():
        await acme.ask(key, VIEWER)
    assert await last_used(acme) == START


async def test_a_key_that_was_refused_was_not_used(acme: Company) -> None:
    key = await made(acme, "clerk")
    await acme.home.execute("update api_key set revoked_at = $1", START)
    assert await dead(acme, key)
    await acme.home.server.key_use.write()
    assert await last_used(acme) is None
