"""Operations over a schema as somebody sees it: every way to every field, every page, filter and id, always the same.

They are written from introspection alone: they ask for whatever the schema allows, and nothing else.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from graphql import GraphQLField, GraphQLSchema, get_named_type, is_abstract_type, is_enum_type, is_leaf_type, parse

from execution.limits import exceeded

DEPTH = 5
MANY, SOME = 20, 2  # items of a page: of the first list on a way, and of those behind it
DAYS = ("2025-12-31", "2026-04-01", "2026-06-15")
CUTS = ("first: 0", "first: 1", "first: 7", "first: 100", "last: 1", "last: 7", "last: 100")
WRONG_CUTS = ("first: -1", "first: 101", "first: 1, last: 1", 'after: "QUJD"', 'last: 3, before: ""')
LONGEST_GET = 4_000
Fields = dict[str, GraphQLField]


@dataclass(frozen=True)
class Operation:
    """What is posted, or asked by GET; `wrong` if the answer to it must be an error, whoever asks."""

    text: str
    variables: dict[str, Any] = field(default_factory=dict, hash=False)
    name: str | None = None
    by_get: bool = False
    wrong: bool = False


@dataclass(frozen=True)
class Root:
    """A field that operations begin with, and its argument: name, type, value."""

    name: str
    argument: tuple[str, str, str] | None = None

    def call(self, value: str | None = None) -> str:
        if not self.argument:
            return self.name
        name, _, given = self.argument
        return f"{self.name}({name}: {value or quoted(given)})"

    def around(self, selection: str) -> str:
        return f"{self.call()} {{ {selection} }}"


def organization(slug: str) -> Root:
    return Root("organization", ("slug", "String!", slug))


VIEWER = Root("viewer")
GATEWAY = Root("gateway")
PLANS = (Root("plans"), *(Root("plans", ("currency", "CurrencyCode", code)) for code in ("EUR", "XTS")))


class Writing:
    """Writes operations for one view of the schema."""

    def __init__(self, view: GraphQLSchema) -> None:
        self.view = view
        self._below: dict[tuple[Root, int], list[Operation]] = {}

    def below(self, root: Root, depth: int = DEPTH) -> list[Operation]:
        """All that is behind a root, so many fields deep, as much together as the server's limits allow."""
        place = (root, depth)
        if place not in self._below:
            self._below[place] = list(self._written_below(root, depth))
        return self._below[place]

    def _written_below(self, root: Root, depth: int) -> Iterator[Operation]:
        kind = self.target("Query", root.name)
        yield dressed(root, kind, f"__typename {self.leaves(kind)}")
        for name in self.branches(kind):
            for selection in self.split(root, kind, name, depth - 1, MANY):
                yield dressed(root, kind, selection)

    def ways(self, root: Root, depth: int = DEPTH) -> Iterator[Operation]:
        """The same, each way by itself."""
        kind = self.target("Query", root.name)
        for selection in self.ways_from(kind, depth - 1):
            yield dressed(root, kind, selection)

    def ways_from(self, kind: str, depth: int, first: int = MANY) -> Iterator[str]:
        """A selection for each way on from a type."""
        if leaves := self.leaves(kind):
            yield f"__typename {leaves}"
        for one in self.concrete(kind) if depth else ():
            for name in self.branches(one):
                behind = SOME if self.pages(one, name) else first
                for selection in self.ways_from(self.target(one, name), depth - 1, behind):
                    yield f"... on {one} {{ {self.called(one, name, first)} {{ {selection} }} }}"

    def node(self, name: str, kind: str, depth: int = 1) -> Operation:
        """Everything of one object, as of a type that it may or may not be."""
        root = Root("node", ("id", "ID!", name))
        return dressed(root, "Node", f"__typename id ... on {kind} {{ {self.selected(kind, depth, SOME)} }}")

    def lists(self, root: Root) -> Iterator[Operation]:
        """What takes arguments in an organization, with each value of each: cuts of pages, and filters."""
        kind = self.target("Query", root.name)
        for name in self.branches(kind):
            selection = self.selected(self.target(kind, name), 1, SOME)
            narrowings = [*(CUTS if self.pages(kind, name) else ()), *self.filters(kind, name)]
            for given in narrowings:
                yield dressed(root, kind, f"{name}({given}) {{ {selection} }}")
            for given in WRONG_CUTS if self.pages(kind, name) else ():
                yield replace(dressed(root, kind, f"{name}({given}) {{ __typename }}"), wrong=True)

    def filters(self, kind: str, name: str) -> Iterator[str]:
        """What can narrow a list: each value of an enum, days, and both."""
        takes = {taken: get_named_type(one.type) for taken, one in self.fields(kind)[name].args.items()}
        days = [taken for taken, of in takes.items() if of.name == "Date"]
        for taken in days:
            yield from (f"{taken}: {quoted(day)}" for day in DAYS)
        if days:
            yield ", ".join(f"{taken}: {quoted(day)}" for taken, day in zip(days, DAYS[1:], strict=True))
        for taken, of in takes.items():
            if is_enum_type(of):
                yield from (f"{taken}: {value}" for value in of.values)
                yield from (f"{taken}: {value}, {days[0]}: {quoted(DAYS[1])}" for value in of.values if days)

    def split(self, root: Root, kind: str, name: str, depth: int, first: int, around: str = "%s") -> Iterator[str]:
        """A field with all that is behind it; where that would be too much, each field behind it by itself."""
        target, called = self.target(kind, name), self.called(kind, name, first)
        whole = around % f"... on {kind} {{ __typename {called} {{ {self.selected(target, depth - 1, first)} }} }}"
        if not exceeded(parse(f"{{ {root.around(whole)} }}"), self.view):
            yield whole
            return
        inside = around % f"... on {kind} {{ {called} {{ __typename %s }} }}"
        behind = SOME if self.pages(kind, name) else first
        for one in self.concrete(target):
            yield inside % f"... on {one} {{ {self.leaves(one)} __typename }}"
            for inner in self.branches(one):
                yield from self.split(root, one, inner, depth - 1, behind, inside)

    def selected(self, kind: str, depth: int, first: int) -> str:
        """The fields of a type, so many levels deep; of an abstract one, those of each type that it stands for."""
        if is_abstract_type(self.view.type_map[kind]):
            each = (f"... on {one} {{ {self.selected(one, depth, first)} }}" for one in self.concrete(kind))
            return f"__typename {' '.join(each)}"
        parts = [f"__typename {self.leaves(kind)}"]
        for name in self.branches(kind) if depth > 0 else ():
            behind = SOME if self.pages(kind, name) else first
            selection = self.selected(self.target(kind, name), depth - 1, behind)
            parts.append(f"{self.called(kind, name, first)} {{ {selection} }}")
        return " ".join(parts)

    def called(self, kind: str, name: str, first: int) -> str:
        return f"{name}(first: {first})" if self.pages(kind, name) else name

    def pages(self, kind: str, name: str) -> bool:
        return "first" in self.fields(kind)[name].args

    def fields(self, kind: str) -> Fields:
        found: Any = self.view.type_map[kind]
        return dict(getattr(found, "fields", {}))

    def target(self, kind: str, name: str) -> str:
        return str(get_named_type(self.fields(kind)[name].type).name)

    def leaves(self, kind: str) -> str:
        return " ".join(name for name in self.fields(kind) if self.is_leaf(kind, name))

    def branches(self, kind: str) -> list[str]:
        return [name for name in self.fields(kind) if not self.is_leaf(kind, name)]

    def is_leaf(self, kind: str, name: str) -> bool:
        return is_leaf_type(self.view.type_map[self.target(kind, name)])

    def concrete(self, kind: str) -> list[str]:
        """The types that a type stands for."""
        found: Any = self.view.type_map[kind]
        return [one.name for one in self.view.get_possible_types(found)] if is_abstract_type(found) else [kind]

    def nodes(self) -> list[str]:
        """The types that node(id) may give."""
        return self.concrete("Node")


def whether_there(names: Iterable[str], together: int = 40) -> Iterator[Operation]:
    """Whether there are objects of these ids, many at a time."""
    waiting = list(names)
    while waiting:
        now, waiting = waiting[:together], waiting[together:]
        asked = (f"n{n}: node(id: {quoted(name)}) {{ __typename id }}" for n, name in enumerate(now))
        yield Operation(f"{{ {' '.join(asked)} }}")


def dressed(root: Root, kind: str, selection: str) -> Operation:
    """The question in one of the ways in which GraphQL can ask it; which one, its own text decides."""
    draw = Random(f"{root} {selection}")  # noqa: S311  # repeatable, not secret
    way = draw.choice((plain, with_variables, with_alias, with_fragment, with_directives, with_another))
    made = way(root, kind, selection)
    return replace(made, by_get=draw.random() < 0.2 and len(made.text) < LONGEST_GET)


def plain(root: Root, _kind: str, selection: str) -> Operation:
    return Operation(f"{{ {root.around(selection)} }}")


def with_variables(root: Root, kind: str, selection: str) -> Operation:
    if not root.argument:
        return plain(root, kind, selection)
    _, taken, value = root.argument
    return Operation(f"query ($given: {taken}) {{ {root.call('$given')} {{ {selection} }} }}", {"given": value})


def with_alias(root: Root, _kind: str, selection: str) -> Operation:
    return Operation(f"{{ one: {root.around(selection)} two: {root.around('__typename')} }}")


def with_fragment(root: Root, kind: str, selection: str) -> Operation:
    inner = f"...Parts ... on {kind} {{ __typename }}"
    return Operation(f"{{ {root.around(inner)} }} fragment Parts on {kind} {{ {selection} }}")


def with_directives(root: Root, _kind: str, selection: str) -> Operation:
    inner = f"... @include(if: $yes) {{ {selection} }} ... @skip(if: $yes) {{ __typename }}"
    return Operation(f"query ($yes: Boolean!) {{ {root.call()} @skip(if: false) {{ {inner} }} }}", {"yes": True})


def with_another(root: Root, _kind: str, selection: str) -> Operation:
    return Operation(f"query Other {{ __typename }} query This {{ {root.around(selection)} }}", name="This")


def quoted(text: str) -> str:
    """A string as GraphQL writes it; ours have nothing to escape."""
    return f'"{text}"'
