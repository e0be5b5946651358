"""Pages: what first, after, last and before mean, and what a page knows of its neighbours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

from models.table import Row
from resolvers.cursors import Cursors
from resolvers.relations import Pages

DEFAULT, MOST = 20, 100


def refused(code: str, message: str) -> GraphQLError:
    """An error that a client can act on."""
    return GraphQLError(message, extensions={"code": code})


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of a list: `limit` of them beyond `cursor`, forward or backward."""

    limit: int
    backward: bool
    cursor: tuple[Any, ...] | None

    @classmethod
    def of(cls, args: Mapping[str, Any], opened: Callable[[str], tuple[Any, ...] | None]) -> "Window":
        """What a field's arguments ask for; `opened` reads a cursor of its list."""
        first, last, after, before = (args.get(name) for name in ("first", "last", "after", "before"))
        backward = last is not None
        if (backward and (first is not None or after is not None)) or (before is not None and not backward):
            raise refused("INVALID_PAGE", "Give first and after, or last and before.")
        limit = last if last is not None else DEFAULT if first is None else first
        if not 0 <= limit <= MOST:
            raise refused("INVALID_PAGE", f"A page holds 0 to {MOST} items.")
        text = before if backward else after
        cursor = None if text is None else opened(text)
        if text is not None and cursor is None:
            raise refused("INVALID_CURSOR", "This is no cursor of this list.")
        return cls(limit, backward, cursor)


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Where a page stands."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class PageEdge:
    """A row and its place."""

    cursor: str
    node: Row


@dataclass(frozen=True, slots=True)
class Page:
    """What a connection resolves to: the rows that fit, and whether there are `more` beyond them."""

    nodes: list[Row]
    more: bool
    window: Window
    cursor: Callable[[Row], str]

    @classmethod
    def of(cls, rows: list[Row], window: Window, cursor: Callable[[Row], str]) -> "Page":
        """Of rows in the window's direction, one more than its limit if there are that many."""
        nodes = rows[: window.limit]
        if window.backward:
            nodes.reverse()
        return cls(nodes, len(rows) > window.limit, window, cursor)

    @property
    def edges(self) -> list[PageEdge]:
        return [PageEdge(self.cursor(row), row) for row in self.nodes]

    @property
    def page_info(self) -> PageInfo:
        beyond = self.window.cursor is not None
        ends = (self.cursor(self.nodes[0]), self.cursor(self.nodes[-1])) if self.nodes else (None, None)
        ahead, behind = (beyond, self.more) if self.window.backward else (self.more, beyond)
        return PageInfo(ahead, behind, *ends)


def place_of(
    relation: Pages[Any], name: str, parent: Row, cursors: Cursors
) -> tuple[Callable[[Row], str], Callable[[str], tuple[Any, ...] | None]]:
    """How the list `name` of this parent writes and reads its cursors."""
    of = f"{name}\0{parent['id']}".encode()
    columns = [column.name for column in relation.order]
    return (
        lambda row: cursors.seal([row[column] for column in columns], of),
        lambda text: cursors.opened(text, relation.order, of),
    )
