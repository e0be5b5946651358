"""What tests of permissions ask with: the server on several databases in one process, over HTTP, and its every byte."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from graphql import GraphQLSchema, build_client_schema, get_introspection_query
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette

from billing.limits import Limits
from models.database import connected
from purser.app import Ports, Server, routes
from schema.build import Schema
from tests import cluster, visitors
from tests.world_rows import NOW, TOKENS
from tests.worlds import OFTEN, SECRET, World, held

ORIGIN = "http://purser.test"
REQUEST_ID = "the-same-for-every-request"
HEADER = "Purser-Organization"

Error = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What came back, to the byte."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def data(self) -> Any:
        """The data of an answer without errors."""
        body = self.json
        assert "errors" not in body, body["errors"]
        return body["data"]

    @property
    def errors(self) -> list[Error]:
        found: list[Error] = self.json.get("errors", [])
        return found

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.errors]

    def substituted(self, word: str, other: str) -> "Answer":
        """The same with a word in place of another."""
        return Answer(self.status, self.headers, self.body.replace(word.encode(), other.encode()))


@dataclass(frozen=True)
class Ask:
    """An open server."""

    client: AsyncClient
    server: Server

    async def __call__(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        scope: str | None = None,
        operation: str | None = None,
        by_get: bool = False,
    ) -> Answer:
        """The answer to an operation; `key` signs in, `scope` is the organization that the header names."""
        asked = {"query": query, "variables": variables, "operationName": operation}
        headers = headers_of(key, scope)
        if not by_get:
            return answer(await self.client.post("/graphql", json=asked, headers=headers))
        params = {"query": query, "variables": orjson.dumps(variables or {}).decode(), "operationName": operation or ""}
        return answer(await self.client.get("/graphql", params=params, headers=headers))

    async def sdl(self, *, key: str | None = None, scope: str | None = None) -> Answer:
        """The schema as it is written down for whoever asks."""
        return answer(await self.client.get("/schema.graphql", headers=headers_of(key, scope)))

    async def view(self, *, key: str | None = None, scope: str | None = None) -> GraphQLSchema:
        """The schema as introspection shows it to whoever asks."""
        found = await self(get_introspection_query(), key=key, scope=scope)
        return build_client_schema(found.data)


def headers_of(key: str | None, scope: str | None) -> dict[str, str]:
    signed = {"Authorization": f"Bearer {key}"} if key else {}
    scoped = {HEADER: scope} if scope is not None else {}
    return {"X-Request-Id": REQUEST_ID} | signed | scoped


def answer(response: Any) -> Answer:
    return Answer(response.status_code, tuple(response.headers.raw), response.content)


def clock() -> datetime:
    """The worlds' present."""
    return NOW


@asynccontextmanager
async def asking(database_url: str, schema: Schema | None = None) -> AsyncIterator[Ask]:
    """The server on a database; unlike the application's own start, this may happen several times in one process."""
    async with connected(database_url, orm=False) as database:
        ports = Ports(database_url, SECRET, clock, limits=Limits(clock, times=OFTEN))
        server = Server(schema or visitors.schema(), database, ports)
        if schema is None:
            visitors.share(server.engine)
        app = Starlette(routes=routes())

        async def stated(scope: Any, receive: Any, send: Any) -> None:
            await app(scope | {"state": {"server": server}}, receive, send)

        async with AsyncClient(transport=ASGITransport(stated), base_url=ORIGIN) as client:
            yield Ask(client, server)


@asynccontextmanager
async def asking_world(server_url: str, world: World) -> AsyncIterator[Ask]:
    """The server on a world."""
    async with cluster.created(server_url, await held(server_url, world)) as url, asking(url) as ask:
        yield ask


def token(account: str) -> str | None:
    """The key of somebody in the worlds; none for "none"."""
    return TOKENS[account]
