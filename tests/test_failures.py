"""What fails on our side: the client learns that it did, the log learns where, and nobody learns what was said."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from structlog.testing import capture_logs

from purser.app import Ports, application
from tests import cluster
from tests.asking import Ask, asking, headers_of, token
from tests.conftest import Create
from tests.servers import PATIENCE, SECRET, Running, serving
from tests.world_rows import NOW
from tests.worlds import held

MASKED = "Something went wrong on our side."
PLANS = "{ plans { key prices { unitAmount { amount } } } }"
PRICES = '{ viewer { name } organization(slug: "acme") { subscription { plan { prices { id } } } } }'
# One failure takes its parent along, while others wait for the same rows.
SHARED = """{
  a: organization(slug: "acme") {
    subscription { plan { prices { unitAmount { formatted(locale: "?") } } features { key } } }
    payments { nodes { amount { formatted(locale: "?") } invoice { lines { kind } } } }
  }
  b: organization(slug: "acme") { subscription { plan { features { key } } } }
}"""


@pytest.fixture
async def url(create: Create, server_url: str) -> str:
    """A database of this test's own, which it may break."""
    return await create(await held(server_url))


@pytest.fixture
async def ask(url: str) -> AsyncIterator[Ask]:
    async with asking(url) as ask:
        yield ask


def frames_of(log: Any) -> set[str]:
    return {frame.rpartition(" ")[2] for frame in log["frames"]}


async def test_failing_field_is_masked_and_the_rest_is_answered(ask: Ask, url: str) -> None:
    await cluster.execute(url, "alter table price rename column retired_at to hidden_word")
    with capture_logs() as logs:
        found = await ask(PRICES, key=token("owner"))
    assert found.status == 200
    assert found.json["data"]["viewer"]["name"]
    assert found.json["data"]["organization"] == {"subscription": None}
    (error,) = found.errors
    assert error["message"] == MASKED
    assert error["path"] == ["organization", "subscription", "plan", "prices"]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": dict(found.headers)[b"x-request-id"].decode()}
    (log,) = logs
    assert log["error"] == "UndefinedColumnError"
    assert log["request_id"] == error["extensions"]["requestId"]
    assert "fetch" in frames_of(log)
    for told in (found.body.decode(), str(logs)):
        assert "retired_at" not in told
        assert "hidden_word" not in told
        assert "select" not in told.lower()


async def test_failing_sign_in_is_masked(ask: Ask, url: str) -> None:
    await cluster.execute(url, "alter table api_key rename to hidden_word")
    with capture_logs() as logs:
        for path in ("/graphql?query={__typename}", "/schema.graphql"):
            found = await ask.client.get(path, headers=headers_of(token("owner"), None))
            assert found.status_code == 500
            assert found.json() == {"errors": [{"message": MASKED, "extensions": {"code": "INTERNAL"}}]}
            assert found.headers["cache-control"] == "no-store"
    assert [log["error"] for log in logs] == ["UndefinedTableError"] * 2
    assert str(token("owner")) not in str(logs)
    assert "api_key" not in str(logs).replace("models/api_keys", "")


async def test_server_outlives_its_database(url: str, server_url: str) -> None:
    name = urlsplit(url).path[1:]
    app = application(Ports(url, b"of no matter", clock=lambda: NOW))
    async with app.router.lifespan_context(app) as state:

        async def stated(scope: Any, receive: Any, send: Any) -> None:
            await app(scope | {"state": dict(state or {})}, receive, send)

        async with httpx.AsyncClient(transport=httpx.ASGITransport(stated), base_url="http://purser.test") as client:

            async def answers() -> list[Any]:
                ready = await client.get("/health/ready")
                live = await client.get("/health/live")
                signed = await client.post("/graphql", json={"query": PLANS}, headers=headers_of(token("owner"), None))
                public = await client.post("/graphql", json={"query": PLANS})
                return [ready.status_code, live.status_code, signed.status_code, "errors" in public.json()]

            assert await answers() == [200, 200, 200, False]
            with capture_logs() as logs:
                await cluster.execute(
                    server_url,
                    f'alter database "{name}" allow_connections false',
                    f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'",  # noqa: S608
                )
                assert await answers() == [503, 200, 500, True]
                assert await answers() == [503, 200, 500, True]
            assert name not in str(logs)
            assert {log["event"] for log in logs} == {"not ready", "request failed", "field failed"}
            await cluster.execute(server_url, f'alter database "{name}" allow_connections true')
            assert await answers() == [200, 200, 200, False]


async def test_one_field_that_fails_takes_no_other_along(ask: Ask) -> None:
    fetch = ask.server.database.fetch

    async def slow(statement: str, *values: Any, **options: Any) -> list[Any]:
        if "plan_feature" in statement or "invoice_line" in statement:
            await asyncio.sleep(0.05)  # so that what shares it has failed before
        return await fetch(statement, *values, **options)

    ask.server.database.fetch = slow  # type: ignore[method-assign]
    found = await asyncio.wait_for(ask(SHARED, key=token("owner")), PATIENCE)
    assert found.json["data"]["a"] == {"subscription": None, "payments": None}
    assert [feature["key"] for feature in found.json["data"]["b"]["subscription"]["plan"]["features"]]
    assert set(found.codes) == {"INVALID_LOCALE"}


async def test_all_who_wait_for_a_failing_statement_are_told(ask: Ask, url: str) -> None:
    await cluster.execute(url, "drop table plan_feature cascade")
    with capture_logs():
        found = await asyncio.wait_for(ask(SHARED, key=token("owner")), PATIENCE)
    assert found.json["data"]["b"] == {"subscription": None}
    assert set(found.codes) <= {"INVALID_LOCALE", "INTERNAL"}


ANOTHER_CURRENCY = """
update plan_subscription s set plan_id = p.id, currency = c.currency, price_id = c.id
from plan p join price c on c.plan_id = p.id and c.retired_at is null, organization o
where o.id = s.organization_id and p.key = 'basic' and c.currency = case o.slug when 'acme' then 'EUR' else 'USD' end
"""
CURRENCIES = """{
  viewer { organizations { nodes { slug subscription { plan { key prices { unitAmount { currency } } } } } } }
}"""


async def test_same_plan_in_two_currencies_has_the_prices_of_each(ask: Ask, url: str) -> None:
    await cluster.execute(url, ANOTHER_CURRENCY)
    found = (await ask(CURRENCIES, key=token("mixed"))).data["viewer"]["organizations"]["nodes"]
    assert {node["subscription"]["plan"]["key"] for node in found} == {"basic"}
    assert {
        node["slug"]: {price["unitAmount"]["currency"] for price in node["subscription"]["plan"]["prices"]}
        for node in found
    } == {"acme": {"EUR"}, "globex": {"USD"}}


@pytest.fixture
def server(url: str, tmp_path: Path) -> Iterator[Running]:
    # Without a worker, for in a world much is due by now, and its cards are no gateway's.
    with serving(tmp_path, "--no-worker", DATABASE_URL=url, SECRET_KEY=SECRET) as running:
        yield running


def test_client_that_goes_away_is_no_error(server: Running) -> None:
    address = ("127.0.0.1", urlsplit(server.url).port)
    body = json.dumps({"query": PLANS}).encode()
    head = b"POST /graphql HTTP/1.1\r\nHost: purser.test\r\nContent-Type: application/json\r\n"
    whole = head + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n10\r\n"
    for sent in (b"", b"POST", head, whole[:-1], whole, chunked):
        for _ in range(3):
            with socket.create_connection(address) as connection:
                connection.sendall(sent)
                # Reset rather than end, so that writing the answer fails too.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for _ in range(3):
        assert httpx.post(f"{server.url}/graphql", json={"query": PLANS}, timeout=PATIENCE).json()["data"]["plans"]
    assert server.stop() == 0
    assert server.errors.read_text() == ""
