"""Servers on loopback in this process, and clients that speak graphql-transport-ws and server-sent events with them."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient, Response
from starlette.applications import Starlette
from websockets import ConnectionClosed
from websockets.asyncio.client import ClientConnection, connect

from billing.sealing import digest
from models.api_keys import digest as digest_of_key
from models.changes import CHANNEL, ChangeKind
from models.database import connected
from purser.app import Ports, Server, application, routes
from purser.serving import Announcing, configured
from schema.build import build
from tests import cluster
from tests.world_rows import NOW, TOKENS, ids, rows
from tests.worlds import SECRET

PROTOCOL = "graphql-transport-ws"
PATIENCE = 60  # seconds; more than ever needed
CHANGED = "subscription ($id: ID!) { organizationChanged(organizationId: $id) { kind at } }"
AT = "2026-06-15T12:00:00+00:00"
SESSION = """
insert into session (id, user_id, digest, client, created_at, seen_at, expires_at)
select $1, user_id, $2, '', $4, $4, $5 from api_key where digest = $3
"""

Message = dict[str, Any]


@dataclass(frozen=True)
class Loopback:
    """A server that answers at `host`."""

    host: str
    server: Server
    database_url: str

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    async def ask(self, query: str, variables: Mapping[str, Any] | None = None, *, role: str) -> Any:
        """What an operation gives that nothing is wrong with, posted by somebody of the worlds."""
        body = (await self.post(query, variables, role=role)).json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    async def post(
        self, query: str, variables: Mapping[str, Any] | None = None, *, role: str, accept: str = "application/json"
    ) -> Response:
        async with AsyncClient(base_url=self.origin, timeout=PATIENCE) as client:
            asked = {"query": query, "variables": variables}
            return await client.post("/graphql", json=asked, headers=signed(role) | {"accept": accept})

    async def tell(self, *kinds: ChangeKind, organization: str = "acme") -> None:
        """Notify of changes, each in a transaction of its own, as a write does."""
        key = str(organization_key(organization))
        async with cluster.connection(self.database_url) as connection:
            for kind in kinds:
                told = json.dumps({"organization": key, "kind": kind, "at": AT})
                await connection.execute("select pg_notify($1, $2)", CHANNEL, told)

    async def sign_in(self, role: str, text: str, *, until: datetime) -> None:
        """Open a session of somebody of the worlds, which this text is good for."""
        key = digest_of_key(TOKENS[role] or "")
        async with cluster.connection(self.database_url) as connection:
            await connection.execute(SESSION, uuid4(), digest(text), key, NOW, until)

    @asynccontextmanager
    async def bare(self, **options: Any) -> AsyncIterator[ClientConnection]:
        """A socket on which nothing was said."""
        options = {"subprotocols": [PROTOCOL]} | options
        async with connect(f"ws://{self.host}/graphql", compression=None, **options) as opened:
            yield opened

    @asynccontextmanager
    async def talk(self, role: str = "none", scope: str | None = None, **options: Any) -> AsyncIterator["Talk"]:
        """A socket of somebody of the worlds, greeted."""
        async with self.bare(**options) as opened:
            talk = Talk(opened)
            payload = {"authorization": signed(role).get("authorization"), "organization": scope}
            await talk.send("connection_init", payload={name: value for name, value in payload.items() if value})
            assert await talk.receive() == {"type": "connection_ack"}
            yield talk

    @asynccontextmanager
    async def events(self, query: str, variables: Mapping[str, Any], *, role: str) -> AsyncIterator["Events"]:
        """A stream of server-sent events, from the moment that it listens."""
        async with AsyncClient(base_url=self.origin, timeout=PATIENCE) as client:
            asked = {"query": query, "variables": variables}
            headers = signed(role) | {"accept": "text/event-stream"}
            async with client.stream("POST", "/graphql", json=asked, headers=headers) as response:
                events = Events(response)
                assert await events.receive() == b":"
                yield events


class Talk:
    """A client's end of a socket."""

    def __init__(self, opened: ClientConnection) -> None:
        self.opened = opened

    async def send(self, kind: str, **more: Any) -> None:
        await self.opened.send(json.dumps({"type": kind, **more}))

    async def raw(self) -> str:
        """The next message as it came."""
        async with asyncio.timeout(PATIENCE):
            found = await self.opened.recv()
        assert isinstance(found, str), "a binary frame"
        return found

    async def receive(self) -> Message:
        found: Message = json.loads(await self.raw())
        return found

    async def ask(self, query: str, variables: Mapping[str, Any] | None = None) -> Message:
        """The answer to a query or mutation: an execution's, or the errors that forbade it."""
        await self.send("subscribe", id="asked", payload={"query": query, "variables": variables})
        answer = await self.receive()
        if answer["type"] == "next":
            assert await self.receive() == {"type": "complete", "id": "asked"}
            return dict(answer["payload"])
        assert answer["type"] == "error"
        return {"errors": answer["payload"]}

    async def follow(self, organization: str = "acme", name: str = "changes") -> None:
        """Subscribe to an organization's changes; on return the server listens."""
        variables = {"id": organization_id(organization)}
        await self.send("subscribe", id=name, payload={"query": CHANGED, "variables": variables})
        await self.quiet()

    async def hints(self, count: int) -> list[str]:
        """The kinds of the next hints."""
        return [(await self.receive())["payload"]["data"]["organizationChanged"]["kind"] for _ in range(count)]

    async def quiet(self) -> None:
        """Nothing was sent before the answer to this."""
        await self.send("ping")
        assert await self.receive() == {"type": "pong"}

    async def closed(self) -> int:
        """The code that the server closes with, after nothing else."""
        with pytest.raises(ConnectionClosed) as closed:
            await self.raw()
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code


class Events:
    """A client's end of an event stream."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self._chunks = response.aiter_raw()
        self._read = b""

    async def receive(self) -> bytes:
        """The next event or comment as it came; empty at the end."""
        async with asyncio.timeout(PATIENCE):
            while b"\n\n" not in self._read:
                chunk = await anext(self._chunks, b"")
                if not chunk:
                    return self._read
                self._read += chunk
        event, self._read = self._read.split(b"\n\n", 1)
        return event


def signed(role: str) -> dict[str, str]:
    """The headers by which somebody of the worlds signs in."""
    key = TOKENS[role]
    return {"authorization": f"Bearer {key}"} if key else {}


def organization_key(slug: str) -> UUID:
    found: UUID = next(row["id"] for row in rows("base")["organization"] if row["slug"] == slug)
    return found


def organization_id(slug: str) -> str:
    return ids("base")[slug]["Organization"][0]


@asynccontextmanager
async def serving(
    database_url: str, *, clock: Callable[[], datetime] = lambda: NOW, orm: bool = True
) -> AsyncIterator[Loopback]:
    """A server on a database. Without `orm` it changes nothing; but a process has at most one that does."""
    with socket.create_server(("127.0.0.1", 0)) as on:
        host = f"127.0.0.1:{on.getsockname()[1]}"
        ports = Ports(database_url, SECRET, clock, special_addresses=True, public_url=f"http://{host}")
        async with running(application(ports) if orm else reading(ports), on) as server:
            yield Loopback(host, server, database_url)


def reading(ports: Ports) -> Starlette:
    """The application without the models' own way to the database."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with connected(ports.database_url, orm=False) as database:
            server = Server(build(), database, ports)
            async with server.listening(ports.database_url):
                yield {"server": server}

    return Starlette(routes=routes(), lifespan=lifespan)


@asynccontextmanager
async def running(app: Starlette, on: socket.socket) -> AsyncIterator[Server]:
    """The application behind uvicorn, as it is served, until the context ends."""
    ready = asyncio.Event()
    uvicorn = Announcing(configured(app), ready.set)
    task = asyncio.create_task(uvicorn._serve([on]))
    waiting = asyncio.create_task(ready.wait())
    try:
        await asyncio.wait({task, waiting}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        assert uvicorn.started
        yield uvicorn.lifespan.state["server"]
    finally:
        waiting.cancel()
        uvicorn.should_exit = True
        await task
