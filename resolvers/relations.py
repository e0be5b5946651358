"""The words in which a read is declared: one, only, many, pages, choice. Every executor understands them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from models.roles import Permission
from models.table import Column, Noun, Row, Table

if TYPE_CHECKING:
    from resolvers.loads import Reads

R = TypeVar("R", bound=Noun)
T = TypeVar("T")
Bind = Callable[[Any], str]


@dataclass(frozen=True, eq=False)
class Filter:
    """An argument that narrows a list. `condition` writes SQL for a given value, at the request's instant."""

    name: str
    type: Any
    description: str
    condition: Callable[[str, Any, datetime, Bind], str]


@dataclass(frozen=True, eq=False)
class Relation(Generic[R]):
    """Rows of `table` whose columns equal ours, pair by pair, in order; `where` holds for every one of them."""

    table: Table
    by: tuple[tuple[Column[Any], str], ...]
    order: tuple[Column[Any], ...] = ()
    descending: bool = False
    where: str = ""

    def joins(self, parent: Table) -> list[tuple[Column[Any], str]]:
        """Pairs (their column, our column); the organization is always among them if both have one."""
        pairs = list(self.by)
        tenant = self.table.tenant
        if tenant and parent.tenant and tenant not in (theirs.name for theirs, _ in pairs):
            pairs.insert(0, (self.table.columns[tenant], parent.tenant))
        return pairs


@dataclass(frozen=True, eq=False)
class One(Relation[R]):
    """At most one row."""


@dataclass(frozen=True, eq=False)
class Many(Relation[R]):
    """A short list, whole."""


@dataclass(frozen=True, eq=False)
class Pages(Relation[R]):
    """A list that can grow, page by page."""

    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, eq=False)
class Batched(Generic[T]):
    """An async function of many rows at once: one answer a row, so that its statements do not grow with them.

    `arguments` are those of the field: name to type and description.
    """

    answer: Callable[["Reads", Sequence[Row], Mapping[str, Any]], Awaitable[Sequence[T]]]
    arguments: Mapping[str, tuple[Any, str]] = field(default_factory=dict)


def one(via: Column[UUID] | Column[UUID | None], of: type[R], *, like: Mapping[str, str] | None = None) -> One[R]:
    """The row that our `via` names; `like` maps further columns of theirs to ours that must be equal."""
    further = [(of.table.columns[theirs], ours) for theirs, ours in (like or {}).items()]
    return One(of.table, ((of.table.columns["id"], via.name), *further))


def only(of: type[R], *, by: Column[UUID]) -> One[R]:
    """The one row that names us."""
    return One(of.table, ((by, "id"),))


def many(
    of: type[R],
    *,
    by: Column[UUID] | Column[UUID | None],
    order: Sequence[Column[Any]],
    like: Mapping[str, str] | None = None,
    descending: bool = False,
    where: str = "",
) -> Many[R]:
    """All rows that name us by `by`; `like` as in `one`."""
    further = [(of.table.columns[theirs], ours) for theirs, ours in (like or {}).items()]
    return Many(of.table, ((by, "id"), *further), total(of.table, order), descending, where)


def pages(
    of: type[R],
    *,
    by: Column[UUID] | Column[UUID | None],
    oldest: Column[datetime] | None = None,
    newest: Column[datetime] | None = None,
    filters: Sequence[Filter] = (),
) -> Pages[R]:
    """Newest or oldest first by one column, then by id."""
    chosen = [column for column in (newest, oldest) if column]
    return Pages(of.table, ((by, "id"),), total(of.table, chosen), newest is not None, "", tuple(filters))


def total(table: Table, order: Sequence[Column[Any]]) -> tuple[Column[Any], ...]:
    """A total order without nulls, or a keyset would lose rows."""
    if wrong := [column for column in order if column.nullable]:
        raise TypeError(f"nullable columns cannot order a list: {wrong}")
    return (*order, table.columns["id"])


def equal(name: str, column: Column[Any], description: str) -> Filter:
    """Rows whose column has the given value."""
    return Filter(
        name, column.type, description, lambda t, value, _now, bind: f"{t}.{column.name} = {bind(value)}::{column.sql}"
    )


def days(column: Column[datetime]) -> tuple[Filter, Filter]:
    """Rows of the days from `from` to `to` in UTC, both included."""

    def since(t: str, value: date, _now: datetime, bind: Bind) -> str:
        return f"{t}.{column.name} >= ({bind(value)}::date)::timestamp at time zone 'UTC'"

    def until(t: str, value: date, _now: datetime, bind: Bind) -> str:
        return f"{t}.{column.name} < ({bind(value)}::date)::timestamp at time zone 'UTC' + interval '24 hours'"

    return (
        Filter("from", date, "Only from this day on, in UTC.", since),
        Filter("to", date, "Only to this day, in UTC; the day itself is included.", until),
    )


@dataclass(frozen=True)
class Constant:
    """A member of a union that says one thing, of no row."""

    noun: str
    label: str


@dataclass(frozen=True, eq=False)
class Case:
    """One branch of a choice: holds if the viewer may, our row says so, and the row looked for is there."""

    found: One[Any] | None = None
    constant: Constant | None = None
    needs: Permission | None = None
    when: tuple[str, Any] | None = None

    def open_to(self, granted: int) -> bool:
        """Whether somebody with this mask may be told."""
        return self.needs is None or bool(granted & self.needs.bit)

    def holds(self, row: Row) -> bool:
        """Whether our row says so."""
        return self.when is None or row[self.when[0]] == self.when[1]


@dataclass(frozen=True, eq=False)
class Choice:
    """A union: the first case that holds; `absent` (null, or a constant) if `present` is null."""

    present: Column[Any]
    cases: tuple[Case, ...]
    absent: Constant | None = None


@cache
def inputs(choice: Choice, parent: Table) -> tuple[str, ...]:
    """The columns of ours that decide."""
    joins = (case.found.joins(parent) for case in choice.cases if case.found)
    conditions = (case.when[0] for case in choice.cases if case.when)
    return (choice.present.name, parent.tenant, *(ours for pairs in joins for _, ours in pairs), *conditions)
