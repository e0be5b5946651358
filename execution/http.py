"""GraphQL over HTTP: https://graphql.github.io/graphql-over-http/draft/."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response

from billing.client import Client
from execution.clients import Clients
from execution.engine import Answer, Asked, Engine
from execution.lines import Lines
from execution.sse import EVENTS, EventStream
from models.viewer import Viewer

GRAPHQL, JSON = "application/graphql-response+json", "application/json"
MOST_BYTES = 256 * 1024
VARY = "Accept, Authorization, Cookie, Purser-Organization"
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

Authenticate = Callable[[Request, Client], Awaitable[Viewer]]


class Refused(Exception):  # noqa: N818  # it is an answer
    """An answer without execution: `status` as HTTP has it, `code` for programs."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.headers = status, {name.replace("_", "-"): value for name, value in headers.items()}
        self.body = {"errors": [GraphQLError(message, extensions={"code": code}).formatted]}


class Endpoint:
    """Takes a request, hands the question to the engine, and writes the answer down."""

    def __init__(self, engine: Engine, authenticate: Authenticate, clients: Clients, lines: Lines) -> None:
        self._engine, self._authenticate, self._clients = engine, authenticate, clients
        self._lines = lines

    async def __call__(self, request: Request) -> Response:
        """Every answer, errors included, in the form that the client accepts."""
        media = negotiated(request.headers.get("accept"))
        request_id = identified(request)
        if media is None:
            refusal = Refused(406, "NOT_ACCEPTABLE", f"Accept {GRAPHQL} or {JSON}.")
            return written(refusal.body, GRAPHQL, refusal.status, request_id)
        try:
            asked, client = await question(request, request_id), self._clients.of(request)
            viewer = await self._authenticate(request, client)
            if media == EVENTS:
                return await self._streamed(asked, viewer, client)
            answer = await self._engine.answer(asked, viewer, client)
        except Refused as refusal:
            in_form = JSON if media == EVENTS else media
            return written(refusal.body, in_form, refusal.status, request_id, refusal.headers)
        headers = self._clients.headers(client) | ({"allow": "POST"} if answer.forbidden else {})
        return written(answer.body, media, status(answer, media), request_id, headers)

    async def _streamed(self, asked: Asked, viewer: Viewer, client: Client) -> Response:
        """As events. Raises Refused, 503, where too many streams are open."""
        if self._lines.full:
            raise Refused(503, "TOO_MANY_STREAMS", "Too many streams are open; try again later.", retry_after="5")
        found = await self._engine.subscribe(asked, viewer, client)
        headers = private(asked.request_id) | self._clients.headers(client)
        return EventStream(found, self._lines, asked.request_id, headers)


def status(answer: Answer, media: str) -> int:
    """400 tells a refused request only in the media type that was made for it; older clients expect 200."""
    if answer.forbidden:
        return 405
    return 400 if media == GRAPHQL and not answer.ran else 200


def written(
    body: Mapping[str, Any], media: str, code: int, request_id: str, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer on its way; nobody may keep it for somebody else."""
    media_type = f"{media}; charset=utf-8"
    return Response(orjson.dumps(body), code, {**private(request_id), **(headers or {})}, media_type=media_type)


def private(request_id: str) -> dict[str, str]:
    """The headers of every answer that depends on who asks."""
    return {"vary": VARY, "cache-control": "no-store", "x-content-type-options": "nosniff", "x-request-id": request_id}


def identified(request: Request) -> str:
    """The request's id: the client's, if it is a sane one."""
    given = request.headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid4().hex


def negotiated(accept: str | None) -> str | None:
    """The media type to answer in, by the client's preferences; None if he takes neither."""
    best, preference = (JSON, 0.0) if not accept else (None, 0.0)
    for part in (accept or "").split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        offered = {GRAPHQL: GRAPHQL, JSON: JSON, EVENTS: EVENTS, "application/*": JSON, "*/*": JSON}.get(name)
        if offered and (wanted := quality(parameters)) > preference:
            best, preference = offered, wanted
    return best


def quality(parameters: list[str]) -> float:
    """The weight of a media range, 1 unless it says otherwise (RFC 9110, 12.4.2)."""
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0


async def question(request: Request, request_id: str) -> Asked:
    """What a request asks. Raises Refused for what is no question."""
    if request.method == "GET":
        given: Any = dict(request.query_params)
        for name in ("variables", "extensions"):
            given[name] = decoded(given[name].encode()) if given.get(name) else None
    elif request.method == "POST":
        given = await posted(request)
    else:
        raise Refused(405, "METHOD_NOT_ALLOWED", "Ask by GET or POST.", allow="GET, POST")
    mapping(given, "extensions")  # there are none yet
    return Asked(
        text(given, "query", required=True),
        mapping(given, "variables"),
        text(given, "operationName") or None,
        read_only=request.method == "GET",
        request_id=request_id,
    )


async def posted(request: Request) -> dict[str, Any]:
    """The body, a JSON object."""
    media, *parameters = (part.strip().lower() for part in request.headers.get("content-type", "").split(";"))
    charsets = [parameter for parameter in parameters if parameter.startswith("charset=")]
    if media != JSON or any(charset.strip('charset="') not in {"utf-8", "utf8"} for charset in charsets):
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", f"Send {JSON} in UTF-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "Send it uncompressed.", accept_encoding="identity")
    given = decoded(await body(request))
    if not isinstance(given, dict):
        raise Refused(400, "BAD_REQUEST", "The body must be a JSON object.")
    return given


async def body(request: Request) -> bytes:
    """The bytes of the body, as long as they are not too many."""
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > MOST_BYTES:
            raise Refused(413, "CONTENT_TOO_LARGE", f"The body must not exceed {MOST_BYTES} bytes.")
    return bytes(read)


def decoded(raw: bytes) -> Any:
    """What JSON says. Raises Refused for what is none."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Refused(400, "BAD_REQUEST", "This is not JSON in UTF-8.") from None


def text(given: Mapping[str, Any], name: str, *, required: bool = False) -> str:
    """A string of the question. Raises Refused for anything else."""
    value = given.get(name)
    if value is None and not required:
        return ""
    if not isinstance(value, str):
        raise Refused(400, "BAD_REQUEST", f"`{name}` must be a string.")
    return value


def mapping(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object of the question, empty if it is not there. Raises Refused for anything else."""
    value = given.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refused(400, "BAD_REQUEST", f"`{name}` must be an object.")
    return value
