"""One clock for all servers; and what belongs to people and machines does not grow old when it is moved."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from models.transactions import rows
from purser.clock import Clock
from tests import cluster
from tests.company import mutation
from tests.queues import Bench, eventually, opened
from tests.rows import one_of_each
from tests.servers import PATIENCE, run, serving

ADVANCE = "advanceSandboxClock"
YEAR = timedelta(days=365)
AHEAD = "select clock_ahead from installation"


@pytest.fixture
async def bench(server_url: str) -> AsyncIterator[Bench]:
    async with opened(server_url) as made, cluster.connection(made.url) as connection:
        await one_of_each(connection, tenant=1)
        await connection.execute("delete from installation")
        yield made


async def test_all_servers_have_one_clock_that_only_goes_forward(bench: Bench) -> None:
    first, second = Clock(), Clock()
    then = datetime.now(UTC) + YEAR
    async with first.kept(bench.url), second.kept(bench.url):
        await first.move(then)
        assert first() >= then

        async def heard() -> bool:
            return second() >= then

        await eventually(heard)
        (ahead,) = await rows(AHEAD)
        await second.move(then - timedelta(days=100))
        await asyncio.gather(*(clock.move(then - timedelta(days=day)) for day in range(9) for clock in (first, second)))
        assert await rows(AHEAD) == [ahead]
    later = Clock()
    await later.read()
    assert then <= later() < then + timedelta(hours=1)


@pytest.mark.usefixtures("bench")
async def test_sessions_answers_and_leases_do_not_grow_old() -> None:
    real = datetime.now(UTC)
    soon, past = real + timedelta(hours=1), real - timedelta(hours=1)
    await rows("update session set revoked_at = null, expires_at = $1 returning id", soon)
    await rows("update stored_answer set kept_until = $1 returning id", soon)
    await rows("update job set leased_until = $1, done_at = null returning id", past)
    await Clock().move(real + YEAR)
    (session,) = await rows("select expires_at from session")
    (answer,) = await rows("select kept_until from stored_answer")
    (job,) = await rows("select leased_until from job")
    for moved in (session["expires_at"], answer["kept_until"]):
        assert timedelta() <= real + YEAR + timedelta(hours=1) - moved < timedelta(minutes=5)
    assert job["leased_until"] == past


async def test_a_year_goes_by_in_the_demo_while_its_user_stays_signed_in(tmp_path: Path) -> None:
    settings = {"DATA_DIR": str(tmp_path / "var"), "DEMO": "1"}
    with serving(tmp_path, **settings) as server:
        told = json.loads(run("demo", "--json", **settings).stdout)
        people = {one["email"]: one for one in told["accounts"]}
        headers = {"purser-request": "1", "origin": server.url}
        async with AsyncClient(base_url=server.url, headers=headers, timeout=PATIENCE) as browser:

            async def ask(query: str, **variables: Any) -> Any:
                answer = (await browser.post("/graphql", json={"query": query, "variables": variables})).json()
                assert "errors" not in answer, answer
                return answer["data"]

            await ask(
                "mutation($e: String!, $p: String!) { signIn(input: {email: $e, password: $p}) { errors { code } } }",
                e="billing@acme.test",
                p=people["billing@acme.test"]["password"],
            )
            now = (await ask(mutation(ADVANCE, "now"), input={"by": "P13M", "idempotencyKey": "a"}))[ADVANCE]["now"]
            assert datetime.fromisoformat(now) > datetime.now(UTC) + timedelta(days=390)
            query = '{ organization(slug: "acme") { invoices(first: 13) { nodes { status issuedAt } } } }'
            found = (await ask(query))["organization"]["invoices"]["nodes"]
            months = [one["issuedAt"][:7] for one in found]
            assert len(set(months)) == 13
            assert {one["status"] for one in found} == {"PAID"}
        checked = run("ledger", "check", **settings)
        assert checked.returncode == 0, checked.stdout
