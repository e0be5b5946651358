"""A customer of the demo: what the tellers of its people, work and money share."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from billing.documents.document import Document
from billing.rules.credits import Credit
from billing.rules.money import Money
from billing.rules.numbers import INVOICE, document_number
from billing.rules.tax import Rate, rate
from models.roles import Role
from purser.demo.book import Actor, Made

SELLER = "DE"


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
    """An organization in the making. `country` and `tax_id` say its tax; `mark` begins its invoice numbers."""

    id: UUID
    domain: str
    founded: datetime
    currency: str
    country: str
    tax_id: str
    mark: str
    workers: list[Worker] = field(default_factory=list)
    profile: Made = field(default_factory=dict)
    papers: dict[UUID, Document] = field(default_factory=dict)
    credits: list[Made] = field(default_factory=list)
    invoices: int = 0
    credit_notes: int = 0

    def number(self, series: str) -> str:
        """The next number of a series; none is left out."""
        if series == INVOICE:
            self.invoices += 1
            return document_number(self.mark, series, self.invoices)
        self.credit_notes += 1
        return document_number(self.mark, series, self.credit_notes)

    def rate(self, at: datetime) -> Rate | None:
        """The tax on what it buys."""
        return rate(SELLER, self.country, self.tax_id, at.date())

    def left(self) -> list[Credit]:
        """What is left of its credits."""
        return [
            Credit(row["id"], Money(row["remaining"], row["currency"]), row["granted_at"], row["expires_at"])
            for row in self.credits
        ]

    def members_at(self, at: datetime) -> int:
        """How many had joined by then; `workers` stand in the order of their coming."""
        return bisect_right(self.workers, at, key=lambda worker: worker.joined_at)
