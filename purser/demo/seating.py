"""Flexible seats of the demo: they follow the people, and are billed with what is bought next."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

from billing.rules.proration import Line, State, change
from models import SeatAddition
from purser.demo.book import Book, Made
from purser.demo.company import Company


@dataclass
class Seating:
    """What is paid for now. Of the people, those who came up to `seen` have their seats."""

    book: Book
    company: Company
    state: State
    price_id: UUID
    seen: datetime
    pending: list[tuple[Made, Sequence[Line]]] = field(default_factory=list)

    def follow(self, until: datetime) -> None:
        """Add seats for those who came, as long as none was free: once a day, with the first who comes."""
        came = self.company.workers[self.company.members_at(self.seen) : self.company.members_at(until)]
        for _, day in groupby(came, key=lambda worker: worker.joined_at.date()):
            first, *rest = day
            members = self.company.members_at((rest or [first])[-1].joined_at)
            if members > self.state.seats:
                self._add(first.joined_at, members)
        self.seen = until

    def become(self, state: State, price_id: UUID) -> None:
        """Other terms run from now on."""
        self.state, self.price_id = state, price_id

    def lines(self) -> list[Line]:
        """What is to be billed for seats that were added."""
        return [line for _, lines in self.pending for line in lines]

    def billed(self, invoice: Made) -> None:
        """It was billed by this invoice."""
        for row, _ in self.pending:
            row["invoice_id"] = invoice["id"]
        self.pending = []

    def _add(self, at: datetime, seats: int) -> None:
        new = replace(self.state, seats=seats)
        row = self.book.add(
            SeatAddition,
            at,
            organization_id=self.company.id,
            at=at,
            seats_before=self.state.seats,
            seats_after=seats,
            price_id=self.price_id,
            period_start=new.period.start,
            period_end=new.period.end,
        )
        self.pending.append((row, change(self.state, new, at).lines))
        self.state = new
