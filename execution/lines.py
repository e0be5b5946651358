"""Lines: sockets and event streams, which stay open; at most so many, all let go when the server stops."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

MOST_LINES = 500


class Lines:
    """The open lines of one process. `closing` is set when the server stops."""

    def __init__(self, most: int = MOST_LINES) -> None:
        self.closing = asyncio.Event()
        self._most, self._open = most, 0

    @property
    def full(self) -> bool:
        return self._open >= self._most

    @contextmanager
    def held(self) -> Iterator[None]:
        """One line more, as long as it lasts."""
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
