"""How often something may be tried: each limit is declared here, and spent by whoever carries the attempt out."""

import asyncio
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage, Storage
from limits.aio.storage.redis.redispy import RedispyBridge
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError

from billing.errors import RateLimited
from billing.sealing import digest

log = structlog.get_logger(__name__)
NETWORK_V6 = 64  # what a provider gives to one household
PATIENCE = 0.5  # seconds for a store that is shared
PAUSE = 10.0  # seconds in which one that failed is not asked: many attempts may be counted under one lock
MOST_KEPT = 10_000


@dataclass(frozen=True)
class Limit:
    """Attempts by one network address, and for one subject: an account, a mail address, an organization."""

    name: str
    by_client: str | None = None
    by_subject: str | None = None


SIGN_UP = Limit("sign-up", "100 per hour", "10 per hour")
SIGN_IN = Limit("sign-in", "100 per 5 minutes", "20 per 5 minutes")
PASSWORD_RESET = Limit("password reset", "100 per hour", "10 per hour")
MAILED_LINK = Limit("mailed link", "200 per hour")
INVITATION_LINK = Limit("invitation link", "1000 per hour")
ORGANIZATION = Limit("organization", by_subject="50 per hour")
INVITING = Limit("inviting", by_subject="500 per hour")
INVITED = Limit("invited", by_subject="10 per day")
# Or thieves try their cards here; the same for a person, or they would found organizations for it.
ADDING_METHODS = Limit("adding payment methods", by_subject="50 per hour")
ADDING_METHODS_BY_ONE = Limit("adding payment methods by one person", by_subject="100 per hour")
LOOKING_AT_METHODS = Limit("looking at payment methods", by_subject="50 per hour")
CHARGING = Limit("charging", by_subject="30 per hour")
CHARGING_BY_ONE = Limit("charging by one person", by_subject="60 per hour")
QUOTING = Limit("quoting", by_subject="120 per minute")
# Counted by themselves: who invites billing managers must not feel how many members are invited.
INVITING_MEMBERS = Limit("inviting members", by_subject="500 per hour")
INVITED_MEMBER = Limit("invited member", by_subject="10 per day")


class Memory(Storage):
    """Counts in this process, by the clock that the rest of it goes by."""

    base_exceptions = ()

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._clock = clock
        self._counted: dict[str, tuple[int, float]] = {}
        self._most = MOST_KEPT

    def _now(self) -> float:
        return self._clock().timestamp()

    def _at(self, key: str) -> tuple[int, float]:
        count, until = self._counted.get(key, (0, 0.0))
        return (count, until) if self._now() < until else (0, 0.0)

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count; the first one opens the window."""
        if len(self._counted) >= self._most:
            self._counted = {one: kept for one, kept in self._counted.items() if self._now() < kept[1]}
            self._most = max(MOST_KEPT, 2 * len(self._counted))
        count, until = self._at(key)
        self._counted[key] = count + amount, until or self._now() + expiry
        return count + amount

    async def get(self, key: str) -> int:
        return self._at(key)[0]

    async def get_expiry(self, key: str) -> float:
        return self._at(key)[1]

    async def check(self) -> bool:
        return True

    async def reset(self) -> int | None:
        self._counted.clear()
        return None

    async def clear(self, key: str) -> None:
        self._counted.pop(key, None)


class Limits:
    """Counts attempts: in this process, or in the Redis or Valkey at `url` for all servers together.

    `times` multiplies what is allowed, for tests that try often.
    """

    def __init__(self, clock: Callable[[], datetime], url: str | None = None, *, times: int = 1) -> None:
        self._times = times
        self._near = FixedWindowRateLimiter(Memory(clock))
        self._store = shared(url) if url else None
        self._shared = FixedWindowRateLimiter(self._store) if self._store else None
        self._away_until = 0.0

    async def aclose(self) -> None:
        """Leave the shared store."""
        if self._store:
            await cast(RedispyBridge, self._store.bridge).storage.aclose()

    async def spend(self, limit: Limit, *, client: str = "", subject: str = "", cost: int = 1) -> None:
        """An attempt, or `cost` of them. Raises RateLimited when they were too many."""
        counted = [(limit.by_client, network(client)), (limit.by_subject, subject)]
        for allowed, who in counted:
            if allowed and who and not await self._hit(parse(allowed), f"{limit.name}: {who}", cost):
                raise RateLimited

    async def _hit(self, item: RateLimitItem, who: str, cost: int) -> bool:
        item.amount *= self._times
        key = digest(who).hex()
        now = asyncio.get_running_loop().time
        if self._shared and now() >= self._away_until:
            try:
                return await self._shared.hit(item, key, cost=cost)
            except StorageError as error:  # better to count alone than to lock everybody out
                self._away_until = now() + PAUSE
                log.warning("rate limits are counted alone", error=type(error.__cause__).__name__)
        return await self._near.hit(item, key, cost=cost)


def shared(url: str) -> RedisStorage:
    """The store behind `redis://`, `rediss://`, `valkey://` or `valkeys://`: both speak one language."""
    spoken = url.replace("valkey", "redis", 1)
    timeouts = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
    return RedisStorage(
        f"async+{spoken}", wrap_exceptions=True, implementation="redispy", key_prefix="purser", **timeouts
    )


def network(address: str) -> str:
    """The address, or the network that one household has; "" for what is none."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, NETWORK_V6), strict=False))
    return str(found)
