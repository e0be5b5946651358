"""Browsers and the server that they ask: what a person does who signs up, signs in and reads his mail."""

from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

import orjson
from httpx import ASGITransport, AsyncClient, Response
from starlette.applications import Starlette

from billing.gateways.gateway import Gateway
from billing.passwords import AT_ONCE
from execution.documents import Documents
from execution.engine import Engine
from models.database import Connection, Database, connected
from models.loading import TABLES, uuid7
from purser.app import Ports, Server, routes
from schema.build import Schema, build
from schema.views import Views
from tests import cluster

START = datetime(2026, 6, 15, 12, tzinfo=UTC)
SECRET = b"the secret of an installation that visitors of tests see"
ORIGIN = "http://purser.test"
POOL = 4
PASSWORD = "correct horse battery"  # noqa: S105  # of nobody
ANN = "Ann@Example.test"

SIGN_UP = """
mutation($email: String!, $password: String!, $name: String!) {
  signUp(input: {email: $email, password: $password, name: $name}) { errors { code message path } }
}
"""
SIGN_IN = """
mutation($email: String!, $password: String!) {
  signIn(input: {email: $email, password: $password}) {
    viewer { id email name emailVerified organizations { nodes { slug viewerRoles } } }
    errors { code message path }
  }
}
"""
VIEWER = "{ viewer { email emailVerified sessions { id client createdAt seenAt current } } }"
REQUEST_RESET = "mutation($email: String!) { requestPasswordReset(input: {email: $email}) { errors { code } } }"
RESET = """
mutation($token: String!, $password: String!) {
  resetPassword(input: {token: $token, password: $password}) { errors { code path } }
}
"""
VERIFY = "mutation($token: String!) { verifyEmail(input: {token: $token}) { errors { code } } }"
SIGN_OUT = "mutation { signOut { errors { code } } }"
CREATE = """
mutation($name: String!, $slug: String!, $key: String!) {
  createOrganization(input: {name: $name, slug: $slug, idempotencyKey: $key}) {
    organization { id slug name viewerRoles } errors { code path }
  }
}
"""
INVITE = """
mutation($organization: ID!, $emails: [String!]!, $key: String!) {
  inviteBillingManagers(input: {organizationId: $organization, emails: $emails, idempotencyKey: $key}) {
    results { email outcome invitation { id } } errors { code }
  }
}
"""
ACCEPT = """
mutation($token: String!) { acceptInvitation(input: {token: $token}) { organization { slug } errors { code message } } }
"""


TURNS = count()


def in_turn(at: datetime) -> UUID:
    """An id of this instant, behind all that were given for it."""
    return uuid7(at, next(TURNS))


class Clock:
    """Stands still until it is told to go."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def go(self, **by: float) -> None:
        """So much later."""
        self.now += timedelta(**by)


class Counting(ThreadPoolExecutor):
    """Threads that know how often they were asked."""

    count = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        self.count += 1
        return super().submit(fn, *args, **kwargs)


@dataclass(frozen=True)
class Mail:
    """A mail on its way: which one, to whom, and the secret of its link."""

    message: str
    to: str
    secret: str | None


@dataclass(frozen=True)
class Ground:
    """An open database without rows, the connection on which it is looked after, and all that servers asked of it."""

    database: Database
    connection: Connection
    statements: list[str] = field(default_factory=list)
    url: str = ""

    async def clear(self) -> None:
        """As it was at the beginning."""
        await self.connection.execute("set session_replication_role = replica")  # in any order
        await self.connection.execute(";".join(f"delete from {table.table.source}" for table in TABLES))  # noqa: S608
        self.statements.clear()


@asynccontextmanager
async def ground(server_url: str) -> AsyncIterator[Ground]:
    """At most one in a process."""
    async with AsyncExitStack() as opened:
        url = await opened.enter_async_context(cluster.created(server_url, await cluster.migrated(server_url)))
        database = await opened.enter_async_context(connected(url, pool=POOL))
        made = Ground(database, await opened.enter_async_context(cluster.connection(url)), url=url)
        async with AsyncExitStack() as taken:  # all of them, so that each is heard
            for _ in range(POOL):
                connection = await taken.enter_async_context(database.connection())
                connection.add_query_logger(lambda asked: made.statements.append(asked.query))
        yield made


class House:
    """A server on the ground, its clock, and what opens browsers; `ports` says what is other than usual."""

    def __init__(
        self, ground: Ground, clock: Clock | None = None, *, gateway: Gateway | None = None, **ports: Any
    ) -> None:
        self.ground, self.clock = ground, clock or Clock()
        usual = Ports("", SECRET, self.clock, special_addresses=True, public_url=ORIGIN, ids=in_turn)
        self.server = Server(schema(sandbox="move" in ports), ground.database, replace(usual, **ports), gateway)
        share(self.server.engine, sandbox="move" in ports)
        self.hashing = self.server.room.passwords._threads = Counting(AT_ONCE)
        self._app = Starlette(routes=routes())

    def visit(self, address: str = "203.0.113.7", **headers: str) -> AsyncClient:
        """A browser, on a page of ours; `address` is where it is."""
        origin = self.server.clients.origin
        usual = {"purser-request": "1", "origin": origin, "user-agent": "A browser"}
        transport = ASGITransport(self._stated, client=(address, 50000))
        return AsyncClient(transport=transport, base_url=origin, headers=usual | headers)

    async def mails(self) -> list[Mail]:
        """All that were sent, in turn."""
        found = await self.ground.connection.fetch("select payload from job where kind = 'mail' order by id")
        return [self._mail(orjson.loads(row["payload"])) for row in found]

    async def token(self) -> str:
        """The secret of the last mail that has one."""
        return [mail.secret for mail in await self.mails() if mail.secret][-1]

    async def execute(self, statement: str, *values: Any) -> None:
        """Something that happens behind the server's back."""
        await self.ground.connection.execute(statement, *values)

    async def value(self, query: str, *values: Any) -> Any:
        """What the database says."""
        return await self.ground.connection.fetchval(query, *values)

    def _mail(self, payload: Mapping[str, Any]) -> Mail:
        sealed = payload.get("sealed")
        return Mail(payload["message"], payload["to"], self.server.room.sealer.opened(sealed) if sealed else None)

    async def _stated(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope | {"state": {"server": self.server}}, receive, send)


def schema(*, sandbox: bool = False) -> Schema:
    """The one that all servers have; where the clock can be moved, with what moves it."""
    return documents(sandbox=sandbox)._views.schema


def documents(*, sandbox: bool = False) -> Documents:
    """What is parsed and judged depends on the schema alone, and takes much of the time of a test."""
    return _documents(sandbox)


@cache
def _documents(sandbox: bool) -> Documents:
    return Documents(Views(build(sandbox=sandbox)))


def share(engine: Engine, *, sandbox: bool = False) -> None:
    """Let a server of this process have the views and documents that others have made."""
    engine.documents = documents(sandbox=sandbox)
    engine.views = engine.documents._views


async def ask(browser: AsyncClient, query: str, headers: Mapping[str, str] | None = None, **variables: Any) -> Any:
    """The data of an answer that nothing is wrong with."""
    body = (await post(browser, query, headers, **variables)).json()
    assert "errors" not in body, body["errors"]
    return body["data"]


async def post(
    browser: AsyncClient, query: str, headers: Mapping[str, str] | None = None, **variables: Any
) -> Response:
    """The answer to an operation."""
    return await browser.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


async def errors(browser: AsyncClient, query: str, **variables: Any) -> list[str]:
    """The codes in the payload of the one mutation asked for."""
    (payload,) = (await ask(browser, query, **variables)).values()
    return [error["code"] for error in payload["errors"]]


async def sign_up(browser: AsyncClient, email: str = ANN, password: str = PASSWORD, name: str = "Ann") -> None:
    assert await errors(browser, SIGN_UP, email=email, password=password, name=name) == []


async def sign_in(browser: AsyncClient, email: str = ANN, password: str = PASSWORD) -> None:
    assert await errors(browser, SIGN_IN, email=email, password=password) == []


async def found(browser: AsyncClient, slug: str = "acme") -> str:
    """The id of an organization that who is signed in makes."""
    made = await ask(browser, CREATE, name="Acme", slug=slug, key=slug)
    assert made["createOrganization"]["errors"] == []
    return str(made["createOrganization"]["organization"]["id"])
