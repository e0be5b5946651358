"""The part of a statement that says which rows, in which order, how many."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from models.table import Column
from resolvers.relations import Bind, Pages, Relation


class Span(Protocol):
    """Which rows of a list: those beyond `cursor`, forward or backward."""

    @property
    def backward(self) -> bool: ...
    @property
    def cursor(self) -> Sequence[Any] | None: ...


def source(relation: Relation[Any], alias: str, joins: Sequence[tuple[Column[Any], str]]) -> str:
    """FROM and WHERE: the rows that belong to the parent."""
    conditions = [f"{alias}.{theirs.name} = {ours}" for theirs, ours in joins]
    if relation.where:
        conditions.append(f"{alias}.{relation.where}")
    return f"from {relation.table.source} {alias} where {' and '.join(conditions)}"


def narrow(relation: Relation[Any], alias: str, given: Mapping[str, Any], now: datetime, bind: Bind) -> str:
    """The filters that are given; an absent one and null are the same."""
    filters = relation.filters if isinstance(relation, Pages) else ()
    return "".join(
        f" and {one.condition(alias, given[one.name], now, bind)}" for one in filters if given.get(one.name) is not None
    )


def keyset(relation: Relation[Any], alias: str, span: Span, bind: Bind) -> str:
    """Rows beyond the cursor: one row comparison, which an index serves."""
    if span.cursor is None:
        return ""
    names = ", ".join(f"{alias}.{column.name}" for column in relation.order)
    values = ", ".join(f"{bind(v)}::{c.sql}" for c, v in zip(relation.order, span.cursor, strict=True))
    return f" and ({names}) {'<' if relation.descending != span.backward else '>'} ({values})"


def ordering(relation: Relation[Any], alias: str, *, backward: bool = False) -> str:
    """ORDER BY; turned round to read a page from its end."""
    if not relation.order:
        return ""
    way = " desc" if relation.descending != backward else ""
    return " order by " + ", ".join(f"{alias}.{column.name}{way}" for column in relation.order)
