"""The application: routes, and the parts that they share."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from execution.engine import Engine, frames
from execution.http import JSON, Endpoint, Refused, identified, private, written
from models.database import Database, connected
from purser import pages
from purser.auth import Authentication
from resolvers.cursors import Cursors
from schema.build import Schema, build
from schema.sdl import printed

log = structlog.get_logger(__name__)
Answer = Callable[[Request], Awaitable[Response]]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def now() -> datetime:
    """The clock, where a test gives no other."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Ports:
    """What comes from outside: a database, a secret, a clock."""

    database_url: str
    secret: bytes
    clock: Callable[[], datetime] = now
    pool: int = 10


class Server:
    """What answers once the database is open."""

    def __init__(self, schema: Schema, database: Database, ports: Ports) -> None:
        self.database = database
        self.schema = schema
        self.engine = Engine(schema, database, Cursors(ports.secret), ports.clock)
        self.authenticate = Authentication(database, ports.clock)
        self.graphql = Endpoint(self.engine, self.authenticate)

    async def sdl(self, request: Request) -> Response:
        """The schema as the caller may see it."""
        try:
            viewer = await self.authenticate(request)
        except Refused as refusal:
            return written(refusal.body, JSON, refusal.status, identified(request), refusal.headers)
        text = printed(self.schema, self.engine.views.of(viewer.anywhere))
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
    schema = build()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with connected(ports.database_url, pool=ports.pool) as database:
            yield {"server": Server(schema, database, ports)}

    return Starlette(routes=[*routes(), *pages.routes(), *extra()], lifespan=lifespan)


def routes() -> list[BaseRoute]:
    """What programs ask for; what people look at is in `pages`."""
    return [
        Route("/graphql", answered(lambda server: server.graphql), methods=METHODS),
        Route("/schema.graphql", answered(lambda server: server.sdl)),
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


async def live(_request: Request) -> Response:
    """That the process answers at all."""
    return JSONResponse({"status": "ok"})
