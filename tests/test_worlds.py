"""Worlds as programs use them: `python -m tests.worlds serve` in a process of its own."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from schema.query import BY_PREFIX
from tests.asking import ORIGIN, headers_of, token
from tests.cluster import execute
from tests.conftest import Create
from tests.servers import PATIENCE, free_port
from tests.worlds import RESET, World, held, served

ROOT = Path(__file__).parents[1]
EVERYWHERE = ("tokens", "ids", "canaries")
ACCOUNTS = {"owner", "admin", "member", "billing", "both", "mixed", "outsider", "none"}
EVERYTHING = """{ organization(slug: "acme") {
  id name subscription { seats { used } } settings { timeZone }
  members(first: 100) { nodes { id user { name } } }
  invoices(first: 100) { nodes { id number purchaseOrder total { formatted } } }
} }"""


@dataclass(frozen=True)
class Serving:
    """A world that is served, and what it said of itself."""

    process: "subprocess.Popen[str]"
    told: dict[str, Any]

    def ask(self, account: str, query: str = EVERYTHING) -> httpx.Response:
        headers = headers_of(self.told["tokens"][account], None)
        return httpx.post(self.told["url"], json={"query": query}, headers=headers, timeout=PATIENCE)


@contextmanager
def serving(*arguments: str) -> Iterator[Serving]:
    command = [sys.executable, "-m", "tests.worlds", "serve", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # ours
        try:
            assert process.stdout
            yield Serving(process, json.loads(process.stdout.readline()))
        finally:
            process.terminate()
            process.wait(PATIENCE)


@pytest.fixture(scope="module")
def base() -> Iterator[Serving]:
    with serving() as served:
        yield served


def children(pid: int) -> list[int]:
    """The processes that this one started, and theirs."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found] + [grand for child in found for grand in children(int(child))]


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def test_a_world_says_what_a_program_needs(base: Serving) -> None:
    assert base.told.keys() == {"url", "reset_url", "tokens", "ids", "canaries"}
    assert base.told["tokens"].keys() == ACCOUNTS
    assert base.told["tokens"]["none"] is None
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/graphql", base.told["url"])
    for slug in ("acme", "globex"):
        found = base.told["ids"][slug]
        assert found.keys() == {made.table.noun.removesuffix("In") for made in BY_PREFIX.values()}
        assert all(found.values())
    for canary in base.told["canaries"]:
        re.compile(canary["match"])
        assert set(canary["roles"]) <= ACCOUNTS


@pytest.mark.parametrize("account", sorted(ACCOUNTS))
def test_a_world_answers_each_of_its_accounts(base: Serving, account: str) -> None:
    answer = base.ask(account, '{ viewer { name } organization(slug: "acme") { viewerRoles } }').json()["data"]
    held = {"owner": ["OWNER"], "admin": ["ADMIN"], "member": ["MEMBER"], "both": ["MEMBER", "BILLING_MANAGER"]}
    held |= {"billing": ["BILLING_MANAGER"], "mixed": ["BILLING_MANAGER"]}
    assert (answer["organization"] or {}).get("viewerRoles") == held.get(account)
    assert (answer["viewer"] is None) == (account == "none")


def test_ids_and_canaries_are_those_of_the_world(base: Serving) -> None:
    text = base.ask("owner").text
    ids = base.told["ids"]["acme"]
    assert {f'"{name}"' for name in ids["Member"]} == set(re.findall(r'"mem_\w+"', text))
    words = {one["match"]: one["roles"] for one in base.told["canaries"]}
    found = set(re.findall(r"cnry[a-z2-7]+", text))
    assert len(found) > 10
    assert all("owner" in words[word] for word in found)


async def test_reset_restores_the_seed(create: Create, server_url: str) -> None:
    url = await create(await held(server_url))
    app = served(World.BASE, url)
    async with app.router.lifespan_context(app) as state:

        async def stated(scope: Any, receive: Any, send: Any) -> None:
            await app(scope | {"state": dict(state or {})}, receive, send)

        async with httpx.AsyncClient(transport=httpx.ASGITransport(stated), base_url=ORIGIN) as client:

            async def asked() -> bytes:
                headers = headers_of(token("owner"), None)
                return (await client.post("/graphql", json={"query": EVERYTHING}, headers=headers)).content

            before = await asked()
            await execute(url, "update organization set name = 'changed'", "delete from organization_settings")
            assert await asked() != before
            assert (await client.get(RESET)).status_code == 405
            assert await asked() != before
            assert (await client.post(RESET)).status_code == 204
            assert await asked() == before


def test_the_same_world_answers_with_the_same_bytes(base: Serving) -> None:
    with serving("--world", "base", "--port", str(free_port())) as other:
        assert {name: base.told[name] for name in EVERYWHERE} == {name: other.told[name] for name in EVERYWHERE}
        for account in ACCOUNTS:
            assert told(base.ask(account)) == told(other.ask(account))
        assert httpx.post(other.told["reset_url"], timeout=PATIENCE).status_code == 204
        assert told(base.ask("owner")) == told(other.ask("owner"))
        ends_with_its_database(other, signal.SIGTERM)


def test_another_world_differs_where_it_says(base: Serving) -> None:
    with serving("--world", "people") as other:
        payments = '{ organization(slug: "acme") { payments(first: 5) { nodes { id madeBy { __typename } } } } }'
        assert other.ask("owner").content != base.ask("owner").content
        assert told(other.ask("billing", payments)) == told(base.ask("billing", payments))
        assert other.told["tokens"] == base.told["tokens"]
        ends_with_its_database(other, signal.SIGINT)


def ends_with_its_database(served: Serving, sent: signal.Signals) -> None:
    started = children(served.process.pid)
    assert len(started) > 3
    served.process.send_signal(sent)
    assert served.process.wait(PATIENCE) == 0
    assert not [pid for pid in started if alive(pid)]


def told(answer: httpx.Response) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """An answer to the byte, but for the time of day that every HTTP server tells."""
    return answer.status_code, [header for header in answer.headers.raw if header[0].lower() != b"date"], answer.content


def test_an_unknown_world_is_refused_in_one_line() -> None:
    command = [sys.executable, "-m", "tests.worlds", "serve", "--world", "other"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
