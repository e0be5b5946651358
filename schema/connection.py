"""A page of a list that can grow: Relay's connections."""

from typing import Generic, TypeVar

import strawberry

T = TypeVar("T")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """See `resolvers.paging.PageInfo`, which it shows."""

    has_next_page: bool = strawberry.field(description="Whether items follow the last one of this page.")
    has_previous_page: bool = strawberry.field(description="Whether items precede the first one of this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the page's first item; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the page's last item; null on an empty page.")


@strawberry.type(description="An item and its place in the list.")
class Edge(Generic[T]):
    """See `resolvers.paging.PageEdge`."""

    cursor: str = strawberry.field(description="The item's place; opaque, and good for this list only.")
    node: T = strawberry.field(description="The item.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """See `resolvers.paging.Page`."""

    edges: list[Edge[T]] = strawberry.field(description="The page's items, each with its place.")
    nodes: list[T] = strawberry.field(description="The page's items.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")


PAGING = {
    "first": (int | None, "How many items from the front, or behind `after`; at most 100, and 20 if nothing is said."),
    "after": (str | None, "A cursor of this list; the page begins behind it."),
    "last": (int | None, "How many items from the end, or before `before`; at most 100."),
    "before": (str | None, "A cursor of this list; the page ends before it."),
}
