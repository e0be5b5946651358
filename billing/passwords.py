"""Passwords: argon2id in threads of their own, few at a time: it takes time and memory that others need too."""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from billing.errors import RateLimited, WeakPassword

T = TypeVar("T")

SHORTEST, LONGEST = 10, 1000
AT_ONCE, WAITING = 2, 100
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Of no password: what an address without an account is compared with.
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$cHVyc2VyIGlzIG5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def normalized(password: str) -> str:
    """NFKC: the same password from every keyboard."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, *addresses: str) -> None:
    """Raises WeakPassword for what is too short, too long, or one of these addresses."""
    text = normalized(password) if len(password) <= LONGEST else password
    same = text.casefold() in {normalized(one).casefold() for one in addresses}
    if not SHORTEST <= len(text) <= LONGEST or same:
        raise WeakPassword("password")


def hashed(password: str, salt: bytes | None = None) -> str:
    """What is kept of a password; `salt` is for accounts that must come out the same each time, as a demo's."""
    return HASHER.hash(normalized(password), salt=salt)


def matches(digest: str, password: str) -> bool:
    """Whether it is the password that was kept so."""
    try:
        return HASHER.verify(digest, normalized(password))
    except VerificationError:
        return False


class Passwords:
    """Hashes and compares, at most two at once. Raises RateLimited when too many wait already."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, "argon2")
        self._open = 0

    async def hash(self, password: str) -> str:
        """What is kept of it."""
        return await self._run(lambda: hashed(password))

    async def match(self, digest: str | None, password: str) -> bool:
        """Whether it is the password; without a digest it is not, and it takes as long to find that out."""
        known, sane = digest or NOBODYS, password if len(password) <= LONGEST else ""
        found = await self._run(lambda: matches(known, sane))
        return found and sane == password and digest is not None

    async def renewed(self, digest: str, password: str) -> str:
        """The digest, made anew if it was made with other parameters than today's."""
        return await self.hash(password) if HASHER.check_needs_rehash(digest) else digest

    async def _run(self, work: Callable[[], T]) -> T:
        if self._open >= AT_ONCE + WAITING:
            raise RateLimited
        self._open += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._open -= 1
