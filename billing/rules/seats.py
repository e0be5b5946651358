"""Seats: what people take up, what may be asked for, and what a review leaves."""

from dataclasses import dataclass

AT_LEAST = 1


@dataclass(frozen=True, slots=True)
class Seats:
    """`reserved` for pending invitations of members; `limit` is how many people the plan allows: 4 on free, null: any.

    Billing managers take none.
    """

    purchased: int
    used: int
    reserved: int
    limit: int | None = None

    @property
    def committed(self) -> int:
        return self.used + self.reserved

    @property
    def available(self) -> int:
        """Free ones; none while over the limit."""
        return max(self.purchased - self.committed, 0)

    @property
    def floor(self) -> int:
        """The least that may be bought."""
        return max(self.committed, AT_LEAST)

    @property
    def over_limit(self) -> bool:
        """More people than the plan allows, as after a downgrade: nobody goes, nobody may come."""
        return self.limit is not None and self.committed > self.limit

    def sells(self, seats: int) -> bool:
        """Whether so many may be had in all: no fewer than are taken, no more than the plan allows."""
        return self.floor <= seats and (self.limit is None or seats <= self.limit)

    def missing(self, people: int, *, fixed: bool) -> int | None:
        """How many seats to buy so that so many more may come; none if they may not.

        FLEXIBLE seats follow the people, FIXED ones were bought in advance.
        """
        short = max(self.committed + people - self.purchased, 0)
        full = self.limit is not None and self.committed + people > self.limit
        return None if full or (fixed and short) else short

    def renewed(self, asked: int | None, *, fixed: bool) -> int:
        """How many the next period has: what was asked for, or what the review finds, but no fewer than are taken.

        The review sheds FLEXIBLE seats that nobody takes, and leaves FIXED ones alone.
        """
        wanted = asked if asked is not None else self.purchased if fixed else self.floor
        return max(wanted, self.floor)
