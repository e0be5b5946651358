"""Brings a database to the schema that this code needs: one transaction a migration, one process at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationTarget
from tortoise.transactions import in_transaction

from models.database import APP, Database, config
from models.executor import Executor

LATEST, NOTHING = "__latest__", "__first__"
LOCK = int.from_bytes(b"purser")
CONNECTIONS = 2  # one holds the lock


async def migrate(url: str, *, target: str = LATEST) -> list[str]:
    """The migrations applied, in order; none if there was nothing to do.

    A `target` that is applied already is gone back to, in one transaction: then these were taken back. NOTHING takes
    all of them back. Raises DatabaseRefused, and ValueError for an unknown target.
    """
    async with _opened(url) as context, _alone(Database(context)):
        steps = await Executor(context.db()).plan([MigrationTarget(APP, target)])
        if steps:
            # Makes the table that remembers migrations; in a transaction, missing it would be an error.
            await Executor(context.db()).migrate([])
        names, state = [step.migration.name for step in steps], None
        for goal in [target] if any(step.backward for step in steps) else names:
            async with in_transaction() as transaction:
                executor = Executor(transaction, state)
                await executor.migrate([MigrationTarget(APP, goal)])
                state = executor.state
    return names


async def pending(url: str) -> list[str]:
    """The migrations that the database still needs. Raises DatabaseRefused."""
    async with _opened(url) as context:
        return [step.migration.name for step in await Executor(context.db()).plan()]


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[TortoiseContext]:
    async with TortoiseContext() as context:
        await context.init(config(url, pool=CONNECTIONS))
        await Database(context).check()
        yield context


@asynccontextmanager
async def _alone(database: Database) -> AsyncIterator[None]:
    """Holds the lock of migrations, in a transaction: a pgbouncer may keep sessions to itself."""
    async with database.connection() as connection, connection.transaction():
        await connection.execute("set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0")
        await connection.execute("select pg_advisory_xact_lock($1)", LOCK)
        yield
