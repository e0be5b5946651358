"""A customer of the demo: what the tellers of its people, work and money share."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from models.roles import Role
from purser.demo.book import Actor


@dataclass(frozen=True)
class Worker:
    """A member, as the work and its history name him."""

    member_id: UUID
    user_id: UUID
    name: str
    role: Role
    joined_at: datetime

    @property
    def actor(self) -> Actor:
        return self.user_id, self.role


@dataclass
class Company:
    """An organization in the making. `tax` is a name and a rate in basis points; `mark` begins its invoice numbers."""

    id: UUID
    domain: str
    founded: datetime
    currency: str
    tax: tuple[str, int]
    mark: str
    workers: list[Worker] = field(default_factory=list)
    issued: dict[str, int] = field(default_factory=dict)

    def number(self, series: str) -> str:
        """The next number of a series; none is left out."""
        count = self.issued[series] = self.issued.get(series, 0) + 1
        return f"{self.mark}-{series}{count:05d}"

    def members_at(self, at: datetime) -> int:
        """How many had joined by then; `workers` stand in the order of their coming."""
        return bisect_right(self.workers, at, key=lambda worker: worker.joined_at)
