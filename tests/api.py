"""The application in this process, on a database of its own: what a test asks it, and as whom."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from httpx import ASGITransport, AsyncClient, Response
from starlette.applications import Starlette

from models.migrate import migrate
from purser.app import Server
from tests import cluster
from tests.world_rows import TOKENS
from tests.worlds import World, restore, served

ORIGIN = "http://purser.test"


@dataclass(frozen=True)
class Api:
    """An open application: `client` speaks HTTP with it, `statements` are all that its database was asked."""

    client: AsyncClient
    server: Server
    database_url: str
    statements: list[str]

    async def ask(
        self, query: str, variables: Mapping[str, Any] | None = None, *, role: str = "none", **headers: str
    ) -> Response:
        """The answer to an operation that somebody of the worlds posts."""
        body = {"query": query, "variables": variables}
        return await self.client.post("/graphql", json=body, headers=signed(role) | headers)

    async def data(self, query: str, variables: Mapping[str, Any] | None = None, *, role: str = "none") -> Any:
        """What an operation gives that nothing is wrong with."""
        body = (await self.ask(query, variables, role=role)).json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    async def codes(self, query: str, variables: Mapping[str, Any] | None = None, *, role: str = "none") -> list[str]:
        """The codes of the errors of an answer."""
        body = (await self.ask(query, variables, role=role)).json()
        return [error["extensions"]["code"] for error in body.get("errors", [])]


def signed(role: str) -> dict[str, str]:
    """The headers by which somebody of the worlds signs in."""
    key = TOKENS[role]
    return {"Authorization": f"Bearer {key}"} if key else {}


@asynccontextmanager
async def opened(app: Starlette, database_url: str) -> AsyncIterator[Api]:
    """The application, started and stopped as a server does it, with every statement noted."""
    async with app.router.lifespan_context(app) as state:

        async def stated(scope: Any, receive: Any, send: Any) -> None:
            await app(scope | {"state": dict(state or {})}, receive, send)

        server: Server = (state or {})["server"]
        statements = noted(server)
        async with AsyncClient(transport=ASGITransport(stated), base_url=ORIGIN) as client:
            yield Api(client, server, database_url, statements)


def noted(server: Server) -> list[str]:
    """Where each statement of the server is written down from now on; authentication's among them."""
    statements: list[str] = []
    fetch: Callable[..., Awaitable[list[Any]]] = server.database.fetch

    async def noting(statement: str, *values: Any, **options: Any) -> list[Any]:
        statements.append(statement)
        return await fetch(statement, *values, **options)

    server.database.fetch = noting  # type: ignore[method-assign]
    return statements


async def base(server_url: str) -> str:
    """The template database that holds the world `base`."""

    async def fill(url: str) -> None:
        await migrate(url)
        await restore(url, World.BASE)

    return await cluster.prepared(server_url, "world_base", fill)


@asynccontextmanager
async def on_base(server_url: str) -> AsyncIterator[Api]:
    """The application on a copy of the world `base`."""
    async with cluster.created(server_url, await base(server_url)) as url:
        async with opened(served(World.BASE, url), url) as api:
            yield api
