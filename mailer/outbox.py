"""Letters on their way out: a job each, written in the transaction that causes them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from models import queue

MAIL = "mail"


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
    secret: str | None = field(default=None, repr=False)


async def enqueue(letters: Sequence[Letter], desk: Desk, now: datetime, organization: UUID | None) -> None:
    """A job for each letter, in the open transaction; workers wake when it is committed."""
    await queue.put(
        [
            queue.job(desk.ids(now), MAIL, now, packed(letter, desk.sealer), organization=organization)
            for letter in letters
        ]
    )


def packed(letter: Letter, sealer: Any) -> dict[str, Any]:
    """The payload of a letter's job."""
    sealed = {"sealed": sealer.sealed(letter.secret)} if letter.secret else {}
    return {"message": letter.message, "to": letter.to, "values": letter.values, **sealed}


def unpacked(payload: dict[str, Any], sealer: Any) -> Letter:
    """The letter of a job. Raises GivenUp if its secret was sealed with another key."""
    try:
        secret = sealer.opened(payload["sealed"]) if "sealed" in payload else None
    except Exception as error:  # the cipher's own words help nobody
        raise queue.GivenUp("Its secret was sealed with another PURSER_SECRET_KEY.") from error
    return Letter(payload["message"], payload["to"], payload["values"], secret)
