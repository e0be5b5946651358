"""Answers operations."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from traceback import extract_tb
from typing import Any

import structlog
from graphql import ExecutionResult, GraphQLError, OperationType, execute, subscribe

from billing.client import Client
from billing.room import Room
from execution.documents import Document, Documents, coded
from models.viewer import Viewer
from resolvers.changes import Changes, Hearing
from resolvers.cursors import Cursors
from resolvers.loads import Database, Reads
from schema.build import Schema
from schema.views import Views

log = structlog.get_logger(__name__)

SUBSCRIPTION = OperationType.SUBSCRIPTION
BROKEN = "Something went wrong on our side."
STREAMED = "A subscription is answered over WebSocket (graphql-transport-ws), or to whom accepts text/event-stream."


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

    def __init__(self, schema: Schema, database: Database, cursors: Cursors, room: Room) -> None:
        self.schema, self.views = schema, Views(schema)
        self.documents = Documents(self.views)
        self.changes = Changes(room.clock)
        self._database, self._cursors, self._room = database, cursors, room

    async def answer(self, asked: Asked, viewer: Viewer, client: Client | None = None) -> Answer:
        """Never raises for what a client did."""
        document = self.documents.of(asked.query, viewer.anywhere)
        if document.errors:
            return refused(*document.errors)
        kind = document.operation(asked.operation)
        if kind is SUBSCRIPTION:
            return refused(GraphQLError(STREAMED, extensions={"code": "STREAM_REQUIRED"}))
        if asked.read_only and kind not in {None, OperationType.QUERY}:
            error = GraphQLError("Only queries may be asked by GET.", extensions={"code": "METHOD_NOT_ALLOWED"})
            return Answer({"errors": [error.formatted]}, ran=False, forbidden=True)
        return told(await self._run(document, asked, self.reads(viewer, client)), asked.request_id)

    async def subscribe(
        self, asked: Asked, viewer: Viewer, client: Client | None = None
    ) -> Answer | AsyncIterator[Answer]:
        """The same where there is room for more: of a subscription all answers, as they come. It listens at once."""
        document = self.documents.of(asked.query, viewer.anywhere)
        if document.node is None or document.errors or document.operation(asked.operation) is not SUBSCRIPTION:
            return await self.answer(asked, viewer, client)
        reads = Hearing(self.changes, self._database, viewer, self._room, self._cursors)
        found = subscribe(
            document.view,
            document.node,
            context_value=reads,
            variable_values=dict(asked.variables),
            operation_name=asked.operation,
            hide_suggestions=True,
        )
        results = await found if isawaitable(found) else found
        if isinstance(results, ExecutionResult):
            return Answer({"errors": told(results, asked.request_id).body["errors"]}, ran=False)
        return (told(result, asked.request_id) async for result in results)

    def reads(self, viewer: Viewer, client: Client | None = None) -> Reads:
        """What one request reads through."""
        return Reads(self._database, viewer, self._room, self._cursors, client)

    async def _run(self, document: Document, asked: Asked, reads: Reads) -> ExecutionResult:
        if document.node is None:
            raise TypeError("a document without errors has a tree")
        result = execute(
            document.view,
            document.node,
            context_value=reads,
            variable_values=dict(asked.variables),
            operation_name=asked.operation,
            hide_suggestions=True,
        )
        return await result if isawaitable(result) else result


def refused(*errors: GraphQLError) -> Answer:
    """The answer to what was not executed: errors, and no data."""
    return Answer({"errors": [error.formatted for error in errors]}, ran=False)


def failed(error: Exception, request_id: str) -> Answer:
    """The answer to what broke outside of any field; told to the log, and not to a client."""
    log.error("request failed", error=type(error).__name__, frames=frames(error), request_id=request_id)
    return refused(GraphQLError(BROKEN, extensions={"code": "INTERNAL", "requestId": request_id}))


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
        BROKEN,
        error.nodes,
        path=error.path,
        extensions={"code": "INTERNAL", "requestId": request_id},
    )


def frames(error: BaseException) -> list[str]:
    """Where it happened. Not its message: a database puts values into that."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)[-10:]]
