"""What the worlds are written with: a fixed clock, words that occur once, ids, and what is other than in base."""

from base64 import b32encode
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Literal
from uuid import UUID

from models.loading import uuid7
from models.table import Stored

World = Literal["base", "people", "billing", "tenant"]
WORLDS: tuple[World, ...] = ("base", "people", "billing", "tenant")
ORGANIZATIONS = ("acme", "globex", "initech")
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
# Parts of an organization that are other in a world of the same name. Nobody who may not see a part sees a difference.
PEOPLE: World = "people"
BILLING: World = "billing"
WORD = r"cnry[a-z2-7]{16}"

Made = dict[str, Any]


def drawn(label: str, size: int) -> bytes:
    """Bytes that look random and are always the same."""
    return blake2b(label.encode(), digest_size=size).digest()


def word(label: str) -> str:
    """A canary: a word that nothing else contains."""
    return "cnry" + b32encode(drawn(f"word {label}", 10)).decode().lower()


def number(label: str, low: int, high: int) -> int:
    """A whole number from `low` up to `high`, this one left out."""
    return low + int.from_bytes(drawn(f"number {label}", 8)) % (high - low)


def moment(label: str, oldest: int = 300, newest: int = 60) -> datetime:
    """An instant so many days before the worlds' present."""
    return NOW - timedelta(days=newest, microseconds=number(f"moment {label}", 0, (oldest - newest) * 86_400_000_000))


def key(label: str) -> UUID:
    """An id. Its time is not its row's, so that no order of ids passes for an order of times."""
    return uuid7(moment(f"key {label}", 900, 400), int.from_bytes(drawn(f"tail {label}", 8)))


@dataclass(frozen=True)
class Tale:
    """An organization in a world: labels of its rows, the parts that are other having other labels."""

    world: World
    slug: str
    rows: defaultdict[str, list[Made]]

    def other(self, *parts: World) -> bool:
        """Whether these parts are other than in base: in the worlds of their names, and all of a foreign tenant."""
        if self.world == "tenant":
            return self.slug != "acme"
        return self.world in parts and self.slug != "initech"

    def label(self, what: str, *parts: World) -> str:
        return f"{self.slug} {what}{' other' if self.other(*parts) else ''}"

    @property
    def id(self) -> UUID:
        return uuid7(self.founded, int.from_bytes(drawn(self.label("organization"), 8)))

    @property
    def founded(self) -> datetime:
        """When it came to be: a foreign one is older than Acme, or younger where it is other."""
        year = 2025 if self.slug == "acme" else 2026 if self.other() else 2024
        return NOW.replace(year=year, month=1 + ORGANIZATIONS.index(self.slug))

    def add(self, noun: type[Stored], label: str, **values: Any) -> Made:
        """A row of this organization, or of nobody's if `organization_id` says so."""
        source = noun.table.source
        own = {"organization_id": self.id} if "organization_id" in noun.table.columns else {}
        row: Made = {"id": key(f"{source} {label}")} | own | values
        self.rows[source].append(row)
        return row
