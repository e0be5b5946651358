"""Answers operations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from inspect import isawaitable
from traceback import extract_tb
from typing import Any

import structlog
from graphql import ExecutionResult, GraphQLError, OperationType, execute

from execution.documents import Document, Documents, coded
from models.viewer import Viewer
from resolvers.cursors import Cursors
from resolvers.loads import Database, Reads
from schema.build import Schema
from schema.views import Views

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Asked:
    """What a client asks for."""

    query: str
    variables: Mapping[str, Any]
    operation: str | None = None
    read_only: bool = False  # a GET must change nothing
    request_id: str = ""


@dataclass(frozen=True)
class Answer:
    """`body` is the response as GraphQL has it; not `ran`: the request was refused before anything was executed."""

    body: dict[str, Any]
    ran: bool = True
    forbidden: bool = False  # by the method of the request: 405


class Engine:
    """One a server."""

    def __init__(self, schema: Schema, database: Database, cursors: Cursors, clock: Callable[[], datetime]) -> None:
        self.schema, self.views = schema, Views(schema)
        self.documents = Documents(self.views)
        self._database, self._cursors, self._clock = database, cursors, clock

    async def answer(self, asked: Asked, viewer: Viewer) -> Answer:
        """Never raises for what a client did."""
        document = self.documents.of(asked.query, viewer.anywhere)
        if document.errors:
            return refused(*document.errors)
        if asked.read_only and document.operation(asked.operation) not in {None, OperationType.QUERY}:
            error = GraphQLError("Only queries may be asked by GET.", extensions={"code": "METHOD_NOT_ALLOWED"})
            return Answer({"errors": [error.formatted]}, ran=False, forbidden=True)
        return told(await self._run(document, asked, viewer), asked.request_id)

    def reads(self, viewer: Viewer) -> Reads:
        """What one request reads through."""
        return Reads(self._database, viewer, self._clock(), self._cursors)

    async def _run(self, document: Document, asked: Asked, viewer: Viewer) -> ExecutionResult:
        if document.node is None:
            raise TypeError("a document without errors has a tree")
        result = execute(
            document.view,
            document.node,
            context_value=self.reads(viewer),
            variable_values=dict(asked.variables),
            operation_name=asked.operation,
            hide_suggestions=True,
        )
        return await result if isawaitable(result) else result


def refused(*errors: GraphQLError) -> Answer:
    """The answer to what was not executed: errors, and no data."""
    return Answer({"errors": [error.formatted for error in errors]}, ran=False)


def told(result: ExecutionResult, request_id: str) -> Answer:
    """What a client may know of a result. Its errors are in the order of their paths, whatever was answered first."""
    errors = sorted(result.errors or [], key=lambda error: error.path or [])
    if result.data is None and errors and all(error.path is None for error in errors):
        return refused(*(coded(error, "BAD_USER_INPUT") for error in errors))
    body: dict[str, Any] = {"data": result.data}
    if errors:
        body["errors"] = [masked(error, request_id).formatted for error in errors]
    return Answer(body)


def masked(error: GraphQLError, request_id: str) -> GraphQLError:
    """An error with a code is ours and says what it may; any other is told to the log, and not to a client."""
    if error.extensions and "code" in error.extensions:
        return error
    cause = error.original_error or error
    log.error("field failed", error=type(cause).__name__, frames=frames(cause), path=error.path, request_id=request_id)
    return GraphQLError(
        "Something went wrong on our side.",
        error.nodes,
        path=error.path,
        extensions={"code": "INTERNAL", "requestId": request_id},
    )


def frames(error: BaseException) -> list[str]:
    """Where it happened. Not its message: a database puts values into that."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)[-10:]]
