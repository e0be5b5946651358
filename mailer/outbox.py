"""Letters on their way out: a job each, written in the transaction that causes them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from models.jobs import Job
from models.transactions import rows

MAIL = "mail"
WAKE = "purser_jobs"


class Desk(Protocol):
    """What the outbox needs of the room."""

    @property
    def ids(self) -> Any: ...
    @property
    def sealer(self) -> Any: ...


@dataclass(frozen=True)
class Letter:
    """A mail to be written: which one, to whom, and what stands in it.

    `secret` is what only its receiver may read, the token of its link: it waits sealed, and goes when it is sent.
    """

    message: str
    to: str
    values: dict[str, Any] = field(default_factory=dict)
    secret: str | None = None


async def enqueue(letters: Sequence[Letter], desk: Desk, now: datetime, organization: UUID | None) -> None:
    """A job for each letter, in the open transaction; workers wake when it is committed."""
    for letter in letters:
        sealed = {"sealed": desk.sealer.sealed(letter.secret)} if letter.secret else {}
        payload = {"message": letter.message, "to": letter.to, "values": letter.values, **sealed}
        await Job.create(
            id=desk.ids(now),
            kind=MAIL,
            organization_id=organization,
            payload=payload,
            run_at=now,
            attempts=0,
            created_at=now,
        )
    if letters:
        await rows("select pg_notify($1, '')", WAKE)
