"""Who is not signed in: whatever is wrong with a key, the answer is the same bytes."""

import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from httpx import Headers

from models import api_keys
from tests.asking import Ask, answer, asking_world, headers_of, token
from tests.statements import noted
from tests.world_rows import NOW
from tests.worlds import World

MOMENT = timedelta(microseconds=1)
# A key like the owner's.
COPY = """
insert into api_key (id, user_id, name, prefix, digest, created_at, expires_at, revoked_at)
select gen_random_uuid(), user_id, name, prefix, $1, created_at, $2, $3 from api_key where digest = $4
"""


@pytest.fixture(scope="module")
async def ask(server_url: str) -> AsyncIterator[Ask]:
    async with asking_world(server_url, World.BASE) as ask:
        yield ask


@pytest.fixture(scope="module")
def statements(ask: Ask) -> list[str]:
    return noted(ask.server)


def owner() -> str:
    key = token("owner")
    assert key
    return key


async def made(ask: Ask, **times: Any) -> str:
    """The owner's key once more, with these times."""
    key = api_keys.written(secrets.token_bytes(32))
    digests = api_keys.digest(key), api_keys.digest(owner())
    async with ask.server.database.connection() as connection:
        await connection.execute(COPY, digests[0], times.get("expires_at"), times.get("revoked_at"), digests[1])
    return key


async def told(ask: Ask, authorization: str, path: str = "/graphql?query={viewer{id}}") -> Any:
    headers = Headers(headers_of(None, None) | {"Authorization": authorization}, encoding="latin-1")
    return answer(await ask.client.get(path, headers=headers))


def altered(key: str, place: int) -> str:
    """The key with one character other than it is."""
    return key[:place] + ("B" if key[place] == "A" else "A") + key[place + 1 :]


NO_KEYS = {
    "empty": "",
    "no key": "Bearer",
    "an empty key": "Bearer ",
    "no scheme": owner(),
    "another scheme": f"Basic {owner()}",
    "a scheme of its own": f"Token {owner()}",
    "two keys": f"Bearer {owner()} {owner()}",
    "too short": f"Bearer {owner()[:-1]}",
    "too long": f"Bearer {owner()}0",
    "another prefix": f"Bearer {owner().replace('purser_', 'pusrer_')}",
    "in capitals": f"Bearer {owner().upper()}",
    "a typo in the middle": f"Bearer {altered(owner(), 20)}",
    "a typo in the checksum": f"Bearer {altered(owner(), len(owner()) - 1)}",
    "quoted": f'Bearer "{owner()}"',
    "words": "Bearer null",
    "not ASCII": "Bearer purser_" + "ä" * 49,
    "very long": f"Bearer {'A' * 5_000}",
}


async def test_everything_that_is_no_good_key_is_one_answer(ask: Ask) -> None:
    first = await told(ask, "Bearer nobody")
    assert first.status == 401
    assert first.codes == ["UNAUTHENTICATED"]
    assert dict(first.headers)[b"www-authenticate"] == b'Bearer realm="Purser"'
    for authorization in NO_KEYS.values():
        assert await told(ask, authorization) == first
    for key in (
        api_keys.written(secrets.token_bytes(32)),
        await made(ask, revoked_at=NOW - MOMENT),
        await made(ask, revoked_at=NOW, expires_at=NOW + MOMENT),
        await made(ask, expires_at=NOW - timedelta(days=100)),
        await made(ask, expires_at=NOW),
    ):
        assert await told(ask, f"Bearer {key}") == first


async def test_schema_is_refused_in_the_same_way(ask: Ask) -> None:
    keys = [api_keys.written(secrets.token_bytes(32)), await made(ask, revoked_at=NOW), "nobody"]
    answers = {await told(ask, f"Bearer {key}", "/schema.graphql") for key in keys}
    assert [one.status for one in answers] == [401]


async def test_key_is_good_until_the_very_instant_of_its_expiry(ask: Ask) -> None:
    for key in (await made(ask), await made(ask, expires_at=NOW + MOMENT)):
        assert (await told(ask, f"bearer  {key} ")).data["viewer"]["id"].startswith("user_")


@pytest.mark.parametrize("authorization", NO_KEYS.values(), ids=NO_KEYS.keys())
async def test_what_cannot_be_a_key_costs_no_statement(ask: Ask, statements: list[str], authorization: str) -> None:
    statements.clear()
    assert (await told(ask, authorization)).status == 401
    assert statements == []


async def test_unknown_key_costs_what_a_good_one_does(ask: Ask, statements: list[str]) -> None:
    good, revoked = await made(ask), await made(ask, revoked_at=NOW)
    asked = []
    for key in (good, revoked, api_keys.written(secrets.token_bytes(32))):
        statements.clear()
        await told(ask, f"Bearer {key}", "/graphql?query={__typename}")
        asked.append(list(statements))
    assert [len(one) for one in asked] == [1, 1, 1]
    assert asked[0] == asked[1] == asked[2]


def test_every_single_typo_is_seen() -> None:
    key = owner()
    assert api_keys.well_formed(key)
    for place in range(len(key)):
        for other in {*api_keys.ALPHABET, "_", "-", " "} - {key[place]}:
            assert not api_keys.well_formed(key[:place] + other + key[place + 1 :])


async def test_public_fields_are_for_everybody(ask: Ask, statements: list[str]) -> None:
    statements.clear()
    data = (await ask('{ viewer { id } organization(slug: "acme") { id } plans { key prices { interval } } }')).data
    assert data["viewer"] is None
    assert data["organization"] is None
    assert [plan["key"] for plan in data["plans"]] == ["free", "basic", "professional", "enterprise"]
    assert len(statements) == 2  # plans and their prices


async def test_organization_named_without_a_key_is_no_matter(ask: Ask) -> None:
    for scope in ("acme", "nowhere", ""):
        assert (await ask("{ viewer { id } plans { key } }", scope=scope)).data["viewer"] is None
