"""What PostgreSQL notifies, heard on a connection of its own that comes back when it is lost."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import asyncpg

from models.database import Connection, credentials

PATIENCE = 10.0  # seconds for an answer
PAUSE = 1.0  # seconds before the next try
PULSE = 30.0  # seconds between looks whether the connection lives
LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


async def listen(url: str, channel: str, heard: Callable[[str | None], None]) -> None:
    """Call `heard` with the payload of each notification, until cancelled.

    With None whenever the connection is new: what came before it was not heard. Behind a pgbouncer that pools
    transactions nothing is ever heard.
    """
    while True:
        with suppress(*LOST):
            connection = await _opened(url)
            try:
                await _listen(connection, channel, heard)
            finally:
                with suppress(*LOST):
                    await connection.close(timeout=PATIENCE)
        await asyncio.sleep(PAUSE)


async def _listen(connection: Connection, channel: str, heard: Callable[[str | None], None]) -> None:
    lost = asyncio.Event()
    connection.add_termination_listener(lambda _: lost.set())
    await connection.add_listener(channel, lambda _connection, _pid, _channel, payload: heard(str(payload)))
    heard(None)
    while not lost.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(PULSE):
                await lost.wait()
        if not lost.is_set():
            await connection.fetchval("select 1", timeout=PATIENCE)


async def _opened(url: str) -> Connection:
    given = credentials(url)
    made: Connection = await given["connect"](
        None,
        loop=asyncio.get_running_loop(),
        connection_class=asyncpg.Connection,
        record_class=asyncpg.Record,
        server_settings=given["server_settings"],
    )
    return made
