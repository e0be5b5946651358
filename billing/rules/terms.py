"""Terms: what an organization asks for, and whether it gets that now or when the period ends."""

from dataclasses import dataclass, replace
from datetime import datetime

from billing.rules.calendar import Interval, Period, period_containing


@dataclass(frozen=True, slots=True)
class Terms:
    """A plan and how it is bought. `rank` orders plans; `fixed`: a year in advance; `free`: costs nothing, or a trial.

    Raises ValueError for fixed terms of a month.
    """

    plan: str
    rank: int
    interval: Interval
    seats: int
    fixed: bool = False
    free: bool = False

    def __post_init__(self) -> None:
        if self.fixed and self.interval is not Interval.YEAR:
            raise ValueError("Fixed terms are for a year.")

    def gives_up(self, new: "Terms") -> bool:
        """Whether the new terms have less of anything that was paid for."""
        return not self.free and (
            new.rank < self.rank or new.seats < self.seats or new.interval < self.interval or new.fixed < self.fixed
        )


@dataclass(frozen=True, slots=True)
class Scheduled:
    """Terms that begin when what is paid ends; at most one is pending."""

    terms: Terms
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class Running:
    """The terms that run, the period they are in, its anchor, what is pending, and the next period if it is paid."""

    terms: Terms
    anchor: datetime
    period: Period
    pending: Scheduled | None = None
    ahead: Period | None = None

    @property
    def end(self) -> datetime:
        """Of all that is paid."""
        return (self.ahead or self.period).end


@dataclass(frozen=True, slots=True)
class Decision:
    """When new terms begin and the period that they are in then; what is pending now, and what is no more."""

    effective_at: datetime
    anchor: datetime
    period: Period
    scheduled: Scheduled | None
    dropped: Scheduled | None


def decide(running: Running, new: Terms, at: datetime) -> Decision | None:
    """More of anything begins now; if there is less of anything, all waits for the end. None: no change.

    Whatever was pending is dropped. Raises ValueError outside the running period of what is paid: renew first.
    """
    if at not in running.period:
        if not running.terms.free:
            raise ValueError("The instant belongs to another period.")
        running = replace(running, period=period_containing(running.anchor, running.terms.interval, at))
    if new == running.terms:
        return None
    if running.terms.gives_up(new):
        end = running.end
        anchor = end if anew(running.terms, new) else running.anchor
        period = period_containing(anchor, new.interval, end)
        return Decision(end, anchor, period, Scheduled(new, end), running.pending)
    if anew(running.terms, new):
        return Decision(at, at, period_containing(at, new.interval, at), None, running.pending)
    return Decision(at, running.anchor, running.period, None, running.pending)


def anew(old: Terms, new: Terms) -> bool:
    """Whether new terms count periods of their own: months become a year, or what was free is bought."""
    return not new.free and (old.free or new.interval > old.interval)
