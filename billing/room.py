"""What every write needs from outside: a clock, ids, the installation's seal, the gateway, what bounds attempts."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import randbits
from uuid import UUID

from billing.gateways.gateway import Gateway
from billing.limits import Limits
from billing.passwords import Passwords
from billing.sealing import Sealer, token
from billing.seller import Seller
from models.loading import TAIL_BITS, uuid7


def now() -> datetime:
    """The clock, where a test gives no other."""
    return datetime.now(UTC)


def new_id(at: datetime) -> UUID:
    """A UUIDv7 of this instant."""
    return uuid7(at, randbits(TAIL_BITS))


@dataclass(frozen=True)
class Room:
    """Ports, handed down by `purser`; a test can fix each."""

    sealer: Sealer
    clock: Callable[[], datetime] = now
    ids: Callable[[datetime], UUID] = new_id
    tokens: Callable[[], str] = token
    special_addresses: bool = False  # .test and the like: in demo and tests only
    passwords: Passwords = field(default_factory=Passwords)
    gateway: Gateway | None = None  # who takes cards; nobody in tests that have no use for it
    seller: Seller = field(default_factory=Seller)
    public_url: str = ""
    move: Callable[[datetime], Awaitable[None]] | None = None  # the clock, forward: in the sandbox only
    limits: Limits = field(default_factory=lambda: Limits(now))
