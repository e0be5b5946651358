"""Documents: parsed, measured and validated once for each view that asks them."""

from collections import OrderedDict
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)

from execution.limits import MOST_CHARACTERS, MOST_TOKENS, exceeded
from schema.views import Views

MOST_KEPT = 500
MOST_KEPT_CHARACTERS = 500_000


@dataclass(frozen=True)
class Document:
    """A text as one view sees it: to be run, or with the errors that forbid it."""

    view: GraphQLSchema
    node: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()

    def operation(self, name: str | None) -> OperationType | None:
        """The kind of the operation that would run; None if there is none of this name, or several without one."""
        definitions = self.node.definitions if self.node else ()
        found = [d for d in definitions if isinstance(d, OperationDefinitionNode)]
        if name is not None:
            found = [d for d in found if d.name and d.name.value == name]
        return found[0].operation if len(found) == 1 else None


class Documents:
    """Keeps the documents asked most lately; those with errors are not worth it."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._kept: OrderedDict[tuple[int, str], Document] = OrderedDict()
        self._characters = 0

    def of(self, text: str, granted: int) -> Document:
        """The document as somebody sees it who may do this, somewhere in scope."""
        key = (self._views.mask(granted), text)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        document = judged(text, self._views.of(granted))
        if not document.errors:
            self._keep(key, document)
        return document

    def _keep(self, key: tuple[int, str], document: Document) -> None:
        self._kept[key] = document
        self._characters += len(key[1])
        while len(self._kept) > MOST_KEPT or self._characters > MOST_KEPT_CHARACTERS:
            (_, text), _ = self._kept.popitem(last=False)
            self._characters -= len(text)


def judged(text: str, view: GraphQLSchema) -> Document:
    """Parsed, then measured, then validated: what comes first is what is cheap."""
    try:
        node = parse(text, max_tokens=MOST_TOKENS, max_source_length=MOST_CHARACTERS)
    except GraphQLError as error:
        return Document(view, None, (coded(error, "GRAPHQL_PARSE_FAILED"),))
    errors = exceeded(node, view)
    if not errors:
        found = validate(view, node, max_errors=20, hide_suggestions=True)
        errors = [coded(error, "GRAPHQL_VALIDATION_FAILED") for error in found]
    return Document(view, node, tuple(errors))


def coded(error: GraphQLError, code: str) -> GraphQLError:
    """The same error with a code for programs, unless it has one."""
    error.extensions = {"code": code, **(error.extensions or {})}
    return error
