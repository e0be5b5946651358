"""Every write transaction of the process opens here: shielded, retried when PostgreSQL asks for it."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

T = TypeVar("T")

# serialization_failure, deadlock_detected, lock_not_available
RETRIED = frozenset({"40001", "40P01", "55P03"})
ATTEMPTS = 5


async def transaction(body: Callable[[], Awaitable[T]]) -> T:
    """What `body` returns, once it is committed. It may run several times: its effects go into the database only.

    In a task of its own: a client that goes away must not tear a transaction from under its connection.
    """
    return await asyncio.shield(asyncio.create_task(_retried(body)))


async def _retried(body: Callable[[], Awaitable[T]]) -> T:
    for attempt in range(ATTEMPTS):
        try:
            async with in_transaction():
                return await body()
        except Exception as error:
            if attempt == ATTEMPTS - 1 or sqlstate(error) not in RETRIED:
                raise
        await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311  # spreads load, hides nothing
    raise AssertionError("unreachable")


def savepoint() -> Any:
    """A part of the open transaction that can be taken back alone."""
    return in_transaction()


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's code for what went wrong; Tortoise hides it behind errors of its own."""
    seen: BaseException | None = error
    while seen is not None:
        if code := getattr(seen, "sqlstate", None):
            return str(code)
        seen = seen.__cause__ or seen.__context__
    return None


async def rows(statement: str, *values: Any) -> list[dict[str, Any]]:
    """The rows of one statement, within the open transaction."""
    return await get_connection("default").execute_query_dict(statement, list(values))
