"""What a document may ask at most: one pass, linear in its length, before anything else looks at it.

Each fragment is measured once. Validation comes later and is not linear; hence this comes first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TokenKind,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from resolvers.paging import DEFAULT, MOST

MOST_TOKENS = 2_000
MOST_CHARACTERS = 100_000
SHORT_LIST = 5  # what a list without pages is taken to hold
BEYOND = 10**9  # sums stop growing here: fragments may double with each level


@dataclass(frozen=True)
class Measure:
    """What a selection asks for. `cost` estimates the fields of its answer; `digits` has the longest number written."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0
    directives: int = 0
    cost: int = 0
    digits: int = 0

    def beside(self, other: "Measure") -> "Measure":
        """Both, one after the other."""
        return Measure(
            max(self.depth, other.depth),
            min(self.aliases + other.aliases, BEYOND),
            min(self.fields + other.fields, BEYOND),
            min(self.directives + other.directives, BEYOND),
            min(self.cost + other.cost, BEYOND),
        )


LIMITS = Measure(depth=30, aliases=50, fields=600, directives=50, cost=20_000, digits=100)


def exceeded(document: DocumentNode, view: GraphQLSchema, limits: Measure = LIMITS) -> list[GraphQLError]:
    """An error for each limit that the document exceeds, LIMIT_EXCEEDED."""
    try:
        worst = replace(Measuring(document, view).all(), digits=longest_number(document))
    except RecursionError:  # a chain of fragments, deeper than any limit
        worst = Measure(depth=BEYOND)
    return [
        GraphQLError(
            f"The document exceeds the limit of {most} for {name}.",
            extensions={"code": "LIMIT_EXCEEDED", "limit": name, "max": most},
        )
        for name, most in vars(limits).items()
        if vars(worst)[name] > most
    ]


class Measuring:
    """Measures the selections of one document, each fragment once."""

    def __init__(self, document: DocumentNode, view: GraphQLSchema) -> None:
        self.document, self.view = document, view
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self.known: dict[str, Measure] = {}
        self.open: set[str] = set()

    def all(self) -> Measure:
        """All operations together, which one runs is not known yet; and what none of them asks for."""
        total = Measure()
        for operation in self.document.definitions:
            if isinstance(operation, OperationDefinitionNode):
                root = self.view.get_root_type(operation.operation)
                total = total.beside(self.selection(operation.selection_set, root))
        for name in self.fragments.keys() - self.known.keys():
            total = total.beside(self.spread(name))
        return total

    def selection(self, selections: SelectionSetNode, parent: Any) -> Measure:
        total = Measure()
        for node in selections.selections:
            part = self.field(node, parent) if isinstance(node, FieldNode) else self.fragment(node, parent)
            total = total.beside(part).beside(Measure(directives=len(node.directives or ())))
        return total

    def field(self, node: FieldNode, parent: Any) -> Measure:
        definition = self.view.get_field(parent, node.name.value) if hasattr(parent, "fields") else None
        below = Measure()
        if node.selection_set:
            below = self.selection(node.selection_set, get_named_type(definition.type) if definition else None)
        cost = min(1 + size(node, definition, parent) * below.cost, BEYOND)
        return Measure(below.depth + 1, below.aliases + bool(node.alias), below.fields + 1, below.directives, cost)

    def fragment(self, node: Any, parent: Any) -> Measure:
        """A spread or an inline fragment."""
        if isinstance(node, FragmentSpreadNode):
            return self.spread(node.name.value)
        condition = node.type_condition
        kind = self.view.get_type(condition.name.value) if condition else parent
        return self.selection(node.selection_set, kind)

    def spread(self, name: str) -> Measure:
        """A named fragment; cycles and unknown names are validation's to refuse."""
        if name not in self.known and name in self.fragments and name not in self.open:
            self.open.add(name)
            fragment = self.fragments[name]
            kind = self.view.get_type(fragment.type_condition.name.value)
            self.known[name] = self.selection(fragment.selection_set, kind)
            self.open.remove(name)
        return self.known.get(name, Measure())


def longest_number(document: DocumentNode) -> int:
    """How many characters it has; Python itself refuses to read some thousand digits, in words of its own."""
    longest = 0
    token = document.loc.start_token if document.loc else None
    while token:
        if token.kind in {TokenKind.INT, TokenKind.FLOAT}:
            longest = max(longest, token.end - token.start)
        token = token.next
    return longest


def size(node: FieldNode, definition: Any, parent: Any) -> int:
    """How many objects a field stands for at most; what a variable will say is not known, so: as many as can be."""
    if definition is None or parent.name.endswith("Connection"):
        return 1
    if get_named_type(definition.type).name.endswith("Connection"):
        given: Mapping[str, Any] = {a.name.value: a.value for a in node.arguments or ()}
        asked = given.get("first") or given.get("last")
        if asked is None:
            return DEFAULT
        known = isinstance(asked, IntValueNode) and len(asked.value) < len(str(BEYOND))
        return max(0, min(int(asked.value), MOST)) if known else MOST
    return SHORT_LIST if is_list_type(get_nullable_type(definition.type)) else 1
