"""The application: routes, and the parts that they share."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from billing import gateway_events
from billing.gateways.gateway import Gateway
from billing.limits import Limits
from billing.room import Room, new_id, now
from billing.sealing import Sealer, token
from billing.seller import Seller
from execution.clients import Clients, Network
from execution.engine import Engine, frames
from execution.http import JSON, Endpoint, Refused, identified, private, written
from execution.lines import Lines
from execution.websocket import Sockets
from models.changes import CHANNEL
from models.database import Database, connected
from models.listening import listen
from purser import pages, plain, webhooks
from purser.auth import Authentication
from purser.documents import Documents
from purser.key_use import KeyUse
from resolvers.cursors import Cursors
from schema.build import Schema, build

log = structlog.get_logger(__name__)
Answer = Callable[[Request], Awaitable[Response]]
HEARING = 5.0  # seconds that a start waits until it hears of changes
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@dataclass(frozen=True)
class Ports:
    """What comes from outside: database, secret, clock, ids, tokens; `beside` runs as long as the application does."""

    database_url: str
    secret: bytes
    clock: Callable[[], datetime] = now
    special_addresses: bool = False
    pool: int = 10
    public_url: str = "http://127.0.0.1:8000"
    trusted_proxies: Sequence[Network] = ()
    limits: Limits | None = None
    ids: Callable[[datetime], UUID] = new_id
    tokens: Callable[[], str] = token
    seller: Seller = field(default_factory=Seller)
    gateway: Callable[[], AbstractAsyncContextManager[Gateway | None]] = nullcontext
    move: Callable[[datetime], Awaitable[None]] | None = None  # the clock, forward: in the sandbox
    stripe: bool = False  # whether pages may ask Stripe for its script
    beside: Callable[[Room], AbstractAsyncContextManager[None]] = lambda _: nullcontext()


class Server:
    """What answers once the database is open."""

    def __init__(self, schema: Schema, database: Database, ports: Ports, gateway: Gateway | None = None) -> None:
        self.database = database
        self.schema = schema
        self.room = Room(
            Sealer(ports.secret),
            ports.clock,
            ports.ids,
            ports.tokens,
            special_addresses=ports.special_addresses,
            limits=ports.limits or Limits(ports.clock),
            gateway=gateway,
            seller=ports.seller,
            public_url=ports.public_url,
            move=ports.move,
        )
        self.engine = Engine(schema, database, Cursors(ports.secret), self.room)
        self.clients = Clients(ports.public_url, ports.trusted_proxies)
        self.key_use = KeyUse(database)
        self.authenticate = Authentication(database, ports.clock, self.clients, self.key_use)
        self.documents = Documents(database, self.room, self.authenticate, self.clients)
        self.webhook = webhooks.Endpoint(gateway, partial(gateway_events.received, self.room))
        self.lines = Lines()
        self.graphql = Endpoint(self.engine, self.authenticate, self.clients, self.lines)
        self.sockets = Sockets(self.engine, self.authenticate, self.clients, self.lines)

    @asynccontextmanager
    async def listening(self, database_url: str) -> AsyncIterator[None]:
        """Hear what changes, on whatever server, and let go of who listens at the end."""
        hearing = asyncio.Event()

        def hear(payload: str | None) -> None:
            self.engine.changes.hear(payload)
            hearing.set()

        ear = asyncio.create_task(listen(database_url, CHANNEL, hear))
        try:
            with suppress(TimeoutError):  # it goes on trying; who listens then is told of all when it succeeds
                await asyncio.wait_for(hearing.wait(), HEARING)
            yield
        finally:
            self.lines.closing.set()
            ear.cancel()
            await asyncio.wait([ear])

    async def sdl(self, request: Request) -> Response:
        """The schema as the caller may see it."""
        try:
            viewer = await self.authenticate(request, self.clients.of(request))
        except Refused as refusal:
            return written(refusal.body, JSON, refusal.status, identified(request), refusal.headers)
        text = self.engine.views.sdl(viewer.anywhere)
        return Response(text, 200, private(identified(request)), media_type="text/plain; charset=utf-8")

    async def ready(self, _request: Request) -> Response:
        """Whether the database answers: 503 keeps a balancer away."""
        try:
            await self.database.fetch("select 1")
        except Exception as error:  # noqa: BLE001  # whatever it is, we are not ready
            log.warning("not ready", error=type(error).__name__)
            return JSONResponse({"status": "unavailable"}, 503)
        return JSONResponse({"status": "ok"})


def application(ports: Ports, *, extra: Callable[[], list[BaseRoute]] = list) -> Starlette:
    """The ASGI application. The schema is built here: a wrong declaration stops the start."""
    schema = build(sandbox=ports.move is not None)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with connected(ports.database_url, pool=ports.pool) as database, ports.gateway() as gateway:
            server = Server(schema, database, ports, gateway)
            listening, beside = server.listening(ports.database_url), ports.beside(server.room)
            async with aclosing(server.room.limits), server.key_use.writing(), listening, beside:
                yield {"server": server}

    return Starlette(
        routes=[*routes(), *pages.routes(stripe=ports.stripe), *plain.routes(), *extra()], lifespan=lifespan
    )


def routes() -> list[BaseRoute]:
    """What programs ask for; what people look at is in `pages`."""
    return [
        Route("/graphql", answered(lambda server: server.graphql), methods=METHODS),
        WebSocketRoute("/graphql", conversation),
        Route("/schema.graphql", answered(lambda server: server.sdl)),
        Route("/documents/{id}.pdf", answered(lambda server: server.documents)),
        Route("/webhooks/{gateway}", answered(lambda server: server.webhook), methods=["POST"]),
        Route("/health/live", live),
        Route("/health/ready", answered(lambda server: server.ready)),
    ]


def answered(part: Callable[[Server], Answer]) -> Answer:
    """A part of the server as an endpoint. What nobody foresaw is told to the log, and nothing of it to the client."""

    async def endpoint(request: Request) -> Response:
        try:
            return await part(request.state.server)(request)
        except ClientDisconnect:
            return Response(status_code=400)  # to nobody: he went away in the middle of his question
        except Exception as error:  # noqa: BLE001  # Starlette would log its message, and values with it
            request_id = identified(request)
            log.error("request failed", error=type(error).__name__, frames=frames(error), request_id=request_id)  # noqa: TRY400
            refusal = Refused(500, "INTERNAL", "Something went wrong on our side.")
            return written(refusal.body, JSON, refusal.status, request_id)

    return endpoint


async def conversation(websocket: WebSocket) -> None:
    """The sockets of the server as an endpoint."""
    server: Server = websocket.state.server
    await server.sockets(websocket)


async def live(_request: Request) -> Response:
    """That the process answers at all."""
    return JSONResponse({"status": "ok"})
