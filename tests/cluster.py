"""The PostgreSQL of one test run: a throwaway cluster, and databases made and dropped on it."""

import os
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from models.migrate import migrate
from purser.embedded import throwaway

MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30  # noqa: S108  # each cluster is a directory of its own, with mode 0700


def cluster() -> AbstractContextManager[str]:
    """A throwaway cluster's URL, on the embedded PostgreSQL or on the programs in PURSER_TEST_POSTGRES."""
    binaries = os.environ.get("PURSER_TEST_POSTGRES")
    return throwaway(Path(binaries) if binaries else None, memory())


def memory() -> Path | None:
    """Where files are kept in memory, if there is room enough: databases are copied there in a third of the time."""
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return None
    return MEMORY if shutil.disk_usage(MEMORY).free > ROOM else None


@asynccontextmanager
async def connection(url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection, closed afterwards."""
    opened = await asyncpg.connect(url)
    try:
        yield opened
    finally:
        await opened.close()


async def execute(url: str, *statements: str) -> None:
    async with connection(url) as opened:
        for statement in statements:
            await opened.execute(statement)


def named(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@asynccontextmanager
async def created(server_url: str, template: str | None = None) -> AsyncIterator[str]:
    """A database of its own, a copy of the database named `template` if given: its URL. It is dropped afterwards."""
    name = f"test_{secrets.token_hex(8)}"
    await execute(server_url, _create(name, template))
    try:
        yield named(server_url, name)
    finally:
        await execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


async def prepared(
    server_url: str, name: str, fill: Callable[[str], Awaitable[object]], template: str | None = None
) -> str:
    """Make the template database `name` once per cluster, whoever asks first: `fill` gets its URL. Returns the name."""
    async with connection(server_url) as server:
        # One at a time; the lock goes with the connection.
        await server.execute("SELECT pg_advisory_lock(hashtext($1))", name)
        if not await server.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name):
            draft = f"{name}_draft"
            await server.execute(f'DROP DATABASE IF EXISTS "{draft}" WITH (FORCE)')
            await server.execute(_create(draft, template))
            await fill(named(server_url, draft))
            await server.execute(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')
    return name


async def migrated(server_url: str) -> str:
    """The template database with every table, all of them empty."""
    return await prepared(server_url, "migrated", migrate)


def _create(name: str, template: str | None) -> str:
    # Without fsync, copying files beats writing them to the log.
    return f'CREATE DATABASE "{name}" TEMPLATE "{template or "template1"}" STRATEGY file_copy'
