"""Fan-out: what this process hears of organizations reaches the streams of those who may know of it."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID
from weakref import WeakSet

import asyncpg
import structlog

from billing.rights import Rights, rights
from models.changes import ChangeKind, Hint, Notice, kinds_open_to, noticed
from resolvers.loads import Reads

log = structlog.get_logger(__name__)

MOST_WAITING = 8  # hints of a kind that a slow client is yet to take; then the oldest of them goes
CHECK = 60.0  # seconds after which rights are read though nothing was heard
SOON = 0.05  # seconds at least between two such checks
RETRY = 0.5  # seconds
UNREADABLE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Changes:
    """The streams of one process. Whoever lets go of a stream is told nothing more."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._streams: WeakSet[Stream] = WeakSet()

    def stream(self, reads: Reads, organization: UUID) -> "Stream":
        """What changes from now on, for who asks."""
        stream = Stream(reads, organization)
        self._streams.add(stream)
        return stream

    def hear(self, payload: str | None) -> None:
        """A notification of PostgreSQL's; none when there may have been some that nobody heard."""
        if payload is None:
            self._missed()
            return
        try:
            notice = noticed(payload)
        except ValueError:
            log.warning("a notice was not understood")
            return
        for stream in list(self._streams):
            stream.hear(notice)

    def _missed(self) -> None:
        """Anything may have changed: everybody is told of all that he may be told of."""
        now = self._clock()
        for stream in list(self._streams):
            stream.tell(Hint(kind, now) for kind in ChangeKind)


class Hearing(Reads):
    """What a subscription reads through, and listens by."""

    def __init__(self, changes: Changes, *given: Any) -> None:
        super().__init__(*given)
        self._changes = changes

    def stream(self, organization: UUID) -> "Stream":
        """What changes there from now on."""
        return self._changes.stream(self, organization)


class Stream:
    """Hints for one viewer about one organization; ends when he may be told of nothing there any more.

    What he may be told is read after a notification came in and right before each hint goes out. It only shrinks:
    what a new role opens needs a new subscription, as it needs a new view of the schema. Kinds that he may not be told
    of never wait here, so that they can neither push others out nor delay them.
    """

    def __init__(self, reads: Reads, organization: UUID) -> None:
        self._reads, self._organization = reads, organization
        self._kinds = kinds_open_to(reads.viewer.granted(organization))
        self._until: datetime | None = None
        self._waiting: deque[Hint] = deque()
        self._stirred = asyncio.Event()
        self._stirred.set()  # the first look at his rights

    def hear(self, notice: Notice) -> None:
        """Any change of the organization may have changed his rights, also one that he is not told of."""
        if notice.organization == self._organization and notice.hint:
            self.tell([notice.hint])
        elif notice.user is not None and notice.user == self._reads.viewer.user_id:
            self._stirred.set()

    def tell(self, hints: Iterable[Hint]) -> None:
        """Hints for him, if he may have them when their turn comes."""
        for hint in hints:
            if hint.kind in self._kinds:
                alike = [one for one in self._waiting if one.kind == hint.kind]
                if len(alike) == MOST_WAITING:
                    self._waiting.remove(alike[0])
                self._waiting.append(hint)
        self._stirred.set()

    def __aiter__(self) -> "Stream":
        return self

    async def __anext__(self) -> Hint:
        while True:
            if not self._waiting:
                await self._pause()
            self._stirred.clear()
            hint = self._waiting.popleft() if self._waiting else None
            found = await self._rights()
            self._kinds &= kinds_open_to(found.granted)
            self._until = found.until
            if not self._kinds:
                raise StopAsyncIteration
            if hint and hint.kind in self._kinds:
                return hint

    async def _pause(self) -> None:
        """Until something is heard, his key or session expires, or it is time to look anyway."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._left()):
                await self._stirred.wait()

    def _left(self) -> float:
        if self._until is None:
            return CHECK
        return min(max((self._until - self._reads.room.clock()).total_seconds(), SOON), CHECK)

    async def _rights(self) -> Rights:
        """As they are now; while the database does not answer, nobody is told anything."""
        while True:
            try:
                now = self._reads.room.clock()
                return await rights(self._reads.viewer, self._organization, now, self._reads.fetch)
            except UNREADABLE as error:
                log.warning("rights cannot be read", error=type(error).__name__)
            await asyncio.sleep(RETRY)
