"""Server-sent events, and that whatever way is asked on, the same is seen."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from execution import sse
from execution.engine import Answer
from execution.lines import Lines
from execution.sse import EVENTS
from models.changes import ChangeKind
from tests import cluster
from tests.loopback import CHANGED, PATIENCE, Loopback, organization_id, serving, signed
from tests.servers import SECRET
from tests.servers import serving as started
from tests.worlds import held

STREAM = {"accept": EVENTS}
ACME = {"id": organization_id("acme")}


@pytest.fixture(scope="module")
async def server(server_url: str) -> AsyncIterator[Loopback]:
    """One for all: nothing is changed here."""
    async with cluster.created(server_url, await held(server_url)) as url, serving(url) as server:
        yield server


def events(*bodies: Any) -> bytes:
    """Answers and their end, as they should come."""
    return b"".join(
        [b":\n\n", *(b"event: next\ndata: " + body + b"\n\n" for body in bodies), b"event: complete\ndata:\n\n"]
    )


async def test_query_is_one_event_and_the_end(server: Loopback) -> None:
    answer = await server.post('{ organization(slug: "acme") { viewerRoles } }', role="billing", accept=EVENTS)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "accept" in answer.headers["vary"].lower()
    assert answer.content == events(b'{"data":{"organization":{"viewerRoles":["BILLING_MANAGER"]}}}')


async def test_subscription_by_get_listens_too(server: Loopback) -> None:
    async with AsyncClient(base_url=server.origin, timeout=PATIENCE) as client:
        params = {"query": CHANGED, "variables": json.dumps(ACME)}
        async with client.stream("GET", "/graphql", params=params, headers=signed("member") | STREAM) as response:
            chunks = response.aiter_raw()
            assert await anext(chunks) == b":\n\n"
            await server.tell(ChangeKind.PLAN, ChangeKind.TEAMS)
            assert json.loads((await anext(chunks)).split(b"data: ")[1])["data"] == {
                "organizationChanged": {"kind": "TEAMS", "at": "2026-06-15T12:00:00Z"}
            }


async def test_errors_before_execution_are_an_event(server: Loopback) -> None:
    for query in ("{", "{ nothing }", CHANGED, CHANGED.replace("$id)", '"org_x")').replace("($id: ID!)", "")):
        answer = await server.post(query, role="billing", accept=EVENTS)
        assert answer.status_code == 200
        first, second, last, nothing = answer.content.split(b"\n\n")
        assert (first, last, nothing) == (b":", b"event: complete\ndata:", b"")
        assert json.loads(second.removeprefix(b"event: next\ndata: ")).keys() == {"errors"}


async def test_mutation_by_get_changes_nothing(server: Loopback) -> None:
    query = 'mutation { leaveBilling(input: {organizationId: "x", idempotencyKey: "y"}) { errors { code } } }'
    async with AsyncClient(base_url=server.origin, timeout=PATIENCE) as client:
        answer = await client.get("/graphql", params={"query": query}, headers=signed("billing") | STREAM)
    assert b"METHOD_NOT_ALLOWED" in answer.content


async def test_bad_key_and_bad_body_are_refused_as_json(server: Loopback) -> None:
    async with AsyncClient(base_url=server.origin, timeout=PATIENCE) as client:
        bad = {"authorization": "Bearer x"} | STREAM
        unknown = await client.post("/graphql", json={"query": "{ viewer { name } }"}, headers=bad)
        broken = await client.post("/graphql", content=b"{", headers=STREAM | {"content-type": "application/json"})
    assert (unknown.status_code, broken.status_code) == (401, 400)
    assert unknown.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert broken.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("accept", "status"), [("application/json", 200), ("application/graphql-response+json", 400), ("*/*", 200)]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_subscription_without_a_stream_is_refused(
    server: Loopback, method: str, accept: str, status: int
) -> None:
    asked: dict[str, Any] = {"query": CHANGED, "variables": ACME}
    async with AsyncClient(base_url=server.origin, timeout=PATIENCE) as client:
        headers = signed("billing") | {"accept": accept}
        if method == "GET":
            params = asked | {"variables": json.dumps(ACME)}
            answer = await client.get("/graphql", params=params, headers=headers)
        else:
            answer = await client.post("/graphql", json=asked, headers=headers)
    assert answer.status_code == status
    assert answer.json().keys() == {"errors"}
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["STREAM_REQUIRED"]


async def test_server_has_so_many_streams_and_no_more(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.server.graphql, "_lines", Lines(most=1))
    async with server.events(CHANGED, ACME, role="billing"):
        answer = await server.post("{ viewer { name } }", role="billing", accept=EVENTS)
        assert answer.status_code == 503
        assert answer.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_STREAMS"
        assert (await server.post("{ viewer { name } }", role="billing")).status_code == 200


async def test_silence_is_filled_with_comments_at_a_fixed_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "KEEP_ALIVE", 0.02)

    async def silent() -> AsyncIterator[Answer]:
        await asyncio.Event().wait()
        yield Answer({})

    stream = sse.events(silent(), Lines(), "of no matter")
    assert [await anext(stream) for _ in range(4)] == [b":\n\n"] * 4
    await stream.aclose()  # type: ignore[attr-defined]


async def test_failure_of_a_stream_is_told_without_its_message(capfd: pytest.CaptureFixture[str]) -> None:
    async def failing() -> AsyncIterator[Answer]:
        yield Answer({"data": {}})
        raise RuntimeError("a secret")

    found = [event async for event in sse.events(failing(), Lines(), "seven")]
    assert found[:2] == [b":\n\n", b'event: next\ndata: {"data":{}}\n\n']
    assert b'"code":"INTERNAL","requestId":"seven"' in found[2]
    assert found[3:] == [b"event: complete\ndata:\n\n"]
    said = capfd.readouterr()
    assert "secret" not in said.out + said.err + repr(found)


SEEN = {
    "what a manager sees": '{ organization(slug: "acme") { viewerRoles billingManagers { nodes { name } } } }',
    "members": '{ organization(slug: "acme") { members { nodes { id } } } }',
    "typo": '{ organization(slug: "acme") { membrs { nodes { id } } } }',
    "type": '{ __type(name: "Member") { name } }',
    "kinds": '{ __type(name: "ChangeKind") { enumValues { name } } }',
    "filter": 'subscription { organizationChanged(organizationId: "x", kind: MEMBERS) { kind } }',
    "mixed": '{ organization(slug: "globex") { members(first: 2) { nodes { id } } } }',
}


@dataclass(frozen=True)
class Ways:
    """The same question on every way there is."""

    server: Loopback
    role: str

    async def answers(self, query: str) -> list[Any]:
        async with AsyncClient(base_url=self.server.origin, timeout=PATIENCE) as client:
            headers = signed(self.role)
            by_get = await client.get("/graphql", params={"query": query}, headers=headers)
        by_post = await self.server.post(query, role=self.role)
        by_events = await self.server.post(query, role=self.role, accept=EVENTS)
        async with self.server.talk(self.role) as talk:
            by_socket = await talk.ask(query)
        event = by_events.content.split(b"\n\n")[1].removeprefix(b"event: next\ndata: ")
        return [by_get.json(), by_post.json(), json.loads(event), by_socket]


@pytest.mark.parametrize("role", ["owner", "member", "billing", "mixed", "none"])
@pytest.mark.parametrize("query", SEEN)
async def test_every_way_shows_the_same(server: Loopback, role: str, query: str) -> None:
    # case 66
    first, *others = await Ways(server, role).answers(SEEN[query])
    assert others == [first] * 3


async def test_server_that_stops_lets_go_of_who_listens(server_url: str, tmp_path: Path) -> None:
    async with cluster.created(server_url, await held(server_url)) as url:
        with started(tmp_path, "--no-worker", DATABASE_URL=url, SECRET_KEY=SECRET, DATA_DIR=str(tmp_path)) as process:
            other = Loopback(process.url.removeprefix("http://"), None, url)  # type: ignore[arg-type]
            async with other.events(CHANGED, ACME, role="billing") as stream, other.talk("billing") as talk:
                await talk.follow()
                await other.tell(ChangeKind.MEMBERS, ChangeKind.PLAN)
                assert await talk.hints(1) == ["PLAN"]
                assert b'"PLAN"' in await stream.receive()
                os.kill(process.process.pid, signal.SIGTERM)
                assert await talk.closed() == 1012
                assert await stream.receive() == b""
            assert process.process.wait(PATIENCE) == 0
        assert "Traceback" not in process.errors.read_text()
