"""How PostgreSQL is reached: Tortoise's pool, made so that reads may take asyncpg's own connections from it."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, TypeAlias
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

import asyncpg
from tortoise.context import TortoiseContext

APP = "models"
APPS = {APP: {"models": ["models"], "default_connection": "default", "migrations": "models.migrations"}}
OLDEST = 15
HOST = re.compile(r"(\[[^]]*\]|[^:]*)(:\d+)?")

# The class of a connection, from the pool or on its own; generic in asyncpg's stubs only.
Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"


class DatabaseRefused(Exception):  # noqa: N818  # the database refused us, or we it
    """The database cannot be used. The message is one sentence for the operator, without the password."""


async def _ready(connection: "asyncpg.Connection[Any]") -> None:
    """Without this asyncpg has no decoder for an array of rows inside a row (OID 2287)."""
    await connection.fetch("select array[row(1)]")


async def _nothing(_: object) -> None:
    """No session state is left behind, so that RESET ALL would be a round trip for nothing."""


def _opener(url: str, **ours: Any) -> Callable[..., Awaitable[Any]]:
    """How a connection is made: asyncpg reads the URL itself, sockets and certificates and all."""

    async def connect(_: None, **given: Any) -> Any:
        kept = {name: given[name] for name in ("loop", "connection_class", "record_class", "server_settings")}
        return await asyncpg.connect(url, **kept, **ours)

    return connect


def credentials(url: str) -> dict[str, Any]:
    """What Tortoise hands to asyncpg's pool for `postgresql://user:password@host:port/database`.

    The query may name what libpq knows (`host=/a/socket/directory`, `sslmode`, ...), and `statement_cache_size`: 0
    behind a pgbouncer that pools transactions. Raises ValueError without telling the URL.
    """
    parts = _parts(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    cached = query.pop("statement_cache_size", "")
    if not (cached or "0").isdecimal():
        raise ValueError("statement_cache_size must be a number")
    dsn = f"postgresql://{parts.netloc}{parts.path}" + (f"?{urlencode(query)}" if query else "")
    return {
        "connect": _opener(dsn, **({"statement_cache_size": int(cached)} if cached else {})),
        "init": _ready,
        "reset": _nothing,
        "server_settings": {"application_name": "purser", "TimeZone": "UTC"},
    }


def _parts(url: str) -> SplitResult:
    with suppress(ValueError):  # which may quote the password
        parts = urlsplit(url)
        hosts = parts.netloc.rpartition("@")[2].split(",")
        if parts.scheme in {"postgres", "postgresql"} and not parts.fragment and all(map(HOST.fullmatch, hosts)):
            return parts
    raise ValueError("must be postgresql://user:password@host:port/database")


def config(url: str, *, pool: int = 10) -> dict[str, Any]:
    """Tortoise's configuration for this database, with at most `pool` connections. Raises ValueError."""
    sizes = {"minsize": 1, "maxsize": pool}
    return {
        "connections": {
            "default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials(url) | sizes},
        },
        "apps": APPS,
        "use_tz": True,
        "timezone": "UTC",
    }


class Database:
    """An open database, to read from. Inside a transaction of Tortoise's, reads see what it wrote."""

    def __init__(self, context: TortoiseContext) -> None:
        self._context = context

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        """A connection of asyncpg's for some statements."""
        return self._context.db("default").acquire_connection()

    async def fetch(self, statement: str, *values: Any, record_class: type[asyncpg.Record] | None = None) -> list[Any]:
        """The rows of one statement, of this class."""
        async with self.connection() as connection:
            return await connection.fetch(statement, *values, record_class=record_class)

    async def check(self) -> None:
        """Raises DatabaseRefused unless this is a PostgreSQL that answers and is new enough."""
        try:
            async with self.connection() as connection:
                version = connection.get_server_version()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            reason = f"{error}".partition("\n")[0].rstrip(".") or "it does not answer"
            raise DatabaseRefused(f"Cannot connect to the database: {reason}.") from error
        if version.major < OLDEST:
            raise DatabaseRefused(f"PostgreSQL {OLDEST} or newer is needed; the database runs {version.major}.")


@asynccontextmanager
async def connected(url: str, *, pool: int = 10, orm: bool = True) -> AsyncIterator[Database]:
    """An open database, closed at the end. Raises DatabaseRefused, and ValueError for a wrong URL.

    With `orm` the models save to it and query it from every task; a process has at most one such database.
    """
    context = TortoiseContext()
    try:
        with context:
            await context.init(config(url, pool=pool), _enable_global_fallback=orm)
        database = Database(context)
        await database.check()
        yield database
    finally:
        await context.close_connections()
