"""What becomes of a job that mails: its letter is opened, written and handed to the carrier."""

from typing import Any

from mailer.mail import Carrier, Stationery, mail
from mailer.outbox import unpacked
from models.queue import Claimed


class Post:
    """Delivers at least once; each repeat is the same mail, by its Message-ID and by its bytes."""

    def __init__(self, sealer: Any, stationery: Stationery, carrier: Carrier) -> None:
        self._sealer, self._stationery, self._carrier = sealer, stationery, carrier

    async def deliver(self, job: Claimed) -> None:
        """Raises TryLater and GivenUp."""
        letter = unpacked(job.payload, self._sealer)
        await self._carrier.carry(mail(letter, job.id, job.created_at, self._stationery))
