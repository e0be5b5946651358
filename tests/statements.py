"""What a server asks its database."""

from collections.abc import Awaitable, Callable
from typing import Any

from purser.app import Server


def noted(server: Server) -> list[str]:
    """Where each statement of the server is written down from now on, authentication's among them."""
    statements: list[str] = []
    fetch: Callable[..., Awaitable[list[Any]]] = server.database.fetch

    async def noting(statement: str, *values: Any, **options: Any) -> list[Any]:
        statements.append(statement)
        return await fetch(statement, *values, **options)

    server.database.fetch = noting  # type: ignore[method-assign]
    return statements
