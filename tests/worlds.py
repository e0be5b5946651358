"""Worlds: servers on throwaway databases whose rows, ids and clock are fixed, and which differ only as they say.

`python -m tests.worlds serve --world base|people|billing|tenant --port N` prints one line of JSON when it answers;
POST to its `reset_url` restores the seed; SIGINT ends it with its database.
"""

import asyncio
import json
import socket
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from billing.limits import Limits
from models.migrate import migrate
from purser import serving
from purser.app import Ports, application
from purser.embedded import throwaway
from purser.settings import Settings
from tests import cluster, world_rows

SECRET = b"worlds have no secrets: their keys stand in the tests"
RESET = "/world/reset"
OFTEN = 1_000_000  # where time stands still, no limit of attempts is ever over

commands = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


class World(StrEnum):
    """What differs from BASE."""

    BASE = "base"
    PEOPLE = "people"
    BILLING = "billing"
    TENANT = "tenant"


async def restore(database_url: str, world: World) -> None:
    """Bring a migrated database to the world's seed."""
    connection = await asyncpg.connect(database_url)
    try:
        await world_rows.load(connection, world.value)
    finally:
        await connection.close()


async def held(server_url: str, world: World = World.BASE) -> str:
    """The template database that holds a world."""

    async def fill(url: str) -> None:
        await restore(url, world)

    return await cluster.prepared(server_url, f"world_{world.value}", fill, await cluster.migrated(server_url))


def served(world: World, database_url: str) -> Starlette:
    """The application on this world: the real one, with its clock fixed and a way back to the seed."""

    def clock() -> datetime:
        return world_rows.NOW

    async def reset(_request: Request) -> Response:
        await restore(database_url, world)
        return Response(status_code=204)

    def extra() -> list[BaseRoute]:
        return [Route(RESET, reset, methods=["POST"])]

    ports = Ports(database_url, SECRET, clock, limits=Limits(clock, times=OFTEN))
    return application(ports, extra=extra)


def described(world: World, origin: str) -> dict[str, Any]:
    """What a program needs to know to ask this world."""
    return {
        "url": f"{origin}/graphql",
        "reset_url": f"{origin}{RESET}",
        "tokens": {**world_rows.TOKENS, "none": None},
        "ids": world_rows.ids(world.value),
        "canaries": world_rows.canaries(world.value),
    }


@commands.callback()
def about() -> None:
    """Worlds for tests."""


@commands.command()
def serve(
    world: Annotated[World, typer.Option(help="Which world.")] = World.BASE,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    binaries: Annotated[Path | None, typer.Option(help="PostgreSQL's programs, if not the embedded ones.")] = None,
) -> None:
    """Serve a world until SIGINT."""
    serving.stop_on_terminate()
    with (
        serving.listening(Settings.model_construct(host="127.0.0.1", port=port)) as on,
        throwaway(binaries, cluster.memory()) as url,
    ):
        asyncio.run(migrate(url))
        asyncio.run(restore(url, world))
        told = json.dumps(described(world, f"http://127.0.0.1:{bound(on)}"))
        serving.run(served(world, url), on, lambda: print(told, flush=True))  # noqa: T201  # it is the interface


def bound(on: socket.socket) -> int:
    """The port that a socket got."""
    return int(on.getsockname()[1])


if __name__ == "__main__":
    commands()
