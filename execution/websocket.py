"""GraphQL over WebSocket, many operations a socket: the protocol graphql-transport-ws.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. Each operation is signed in anew: what somebody may do
is what he may do when he asks, not when he opened the socket.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson
import structlog
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from billing.client import Client
from execution.clients import Clients
from execution.engine import Answer, Asked, Engine, failed, frames, refused
from execution.http import Authenticate, Refused, mapping, text
from execution.lines import Lines
from models.viewer import Viewer

log = structlog.get_logger(__name__)

PROTOCOL = "graphql-transport-ws"
PATIENCE = 10.0  # seconds to say who one is
MOST_OPERATIONS = 50
LONGEST_ID = 100
# Where the first message says what headers say over HTTP.
SAID = {"authorization": b"authorization", "organization": b"purser-organization"}


class Close(Exception):  # noqa: N818  # it is an answer
    """The end of the socket, with a code of the protocol's."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


@dataclass(frozen=True)
class Sockets:
    """Takes what opens a socket. `patience` is how long one may take to say who one is, in seconds."""

    engine: Engine
    authenticate: Authenticate
    clients: Clients
    lines: Lines
    patience: float = PATIENCE

    async def __call__(self, websocket: WebSocket) -> None:
        """Until the client goes, or does what the protocol forbids."""
        if PROTOCOL not in websocket.scope["subprotocols"]:
            await websocket.accept()
            await websocket.close(4406, "Subprotocol not acceptable")
        elif self.lines.full:
            await websocket.send_denial_response(PlainTextResponse("Too many sockets are open.", 503))
        else:
            with self.lines.held():
                await websocket.accept(PROTOCOL)
                await Socket(self, websocket).serve(self.patience)


class Socket:
    """One socket and its operations."""

    def __init__(self, sockets: Sockets, websocket: WebSocket) -> None:
        self._sockets, self._websocket = sockets, websocket
        self._speaker: Request | None = None
        self._operations: dict[str, asyncio.Task[None]] = {}

    async def serve(self, patience: float) -> None:
        """Take messages until the end."""
        try:
            await self._converse(patience)
        except WebSocketDisconnect:
            pass
        except Close as close:
            await self._close(close.code, close.reason)
        except Exception as error:  # noqa: BLE001  # uvicorn would log its message, and values with it
            log.error("socket failed", error=type(error).__name__, frames=frames(error))  # noqa: TRY400
            await self._close(1011, "Internal error")
        finally:
            self._stop()

    async def _converse(self, patience: float) -> None:
        try:
            async with asyncio.timeout(patience):
                while not self._speaker:
                    await self._take(await self._message())
        except TimeoutError:
            raise Close(4408, "Connection initialisation timeout") from None
        while True:
            await self._take(await self._message())

    async def _close(self, code: int, reason: str) -> None:
        self._stop()
        with suppress(WebSocketDisconnect, RuntimeError):  # it was gone already
            await self._websocket.close(code, reason)

    def _stop(self) -> None:
        for task in self._operations.values():
            task.cancel()

    async def _message(self) -> Mapping[str, Any]:
        received = await self._websocket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1005))
        try:
            found = orjson.loads(received.get("text") or "")
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise Close(4400, "A message must be a JSON object, sent as text.")
        return found

    async def _take(self, message: Mapping[str, Any]) -> None:
        match message.get("type"):
            case "connection_init":
                await self._greet(message)
            case "ping":
                await self._send("pong", **({"payload": message["payload"]} if "payload" in message else {}))
            case "pong":
                pass
            case "subscribe":
                await self._start(message)
            case "complete":
                if task := self._operations.pop(named(message), None):
                    task.cancel()
            case _:
                raise Close(4400, "There is no such type of message.")

    async def _greet(self, message: Mapping[str, Any]) -> None:
        if self._speaker:
            raise Close(4429, "Too many initialisation requests")
        speaker = said(self._websocket, payload_of(message))
        await self._signed_in(speaker)
        self._speaker = speaker
        await self._send("connection_ack")

    async def _signed_in(self, speaker: Request) -> tuple[Viewer, Client]:
        client = self._sockets.clients.of(speaker)
        try:
            return await self._sockets.authenticate(speaker, client), client
        except Refused:
            raise Close(4403, "Forbidden") from None

    async def _start(self, message: Mapping[str, Any]) -> None:
        if not self._speaker:
            raise Close(4401, "Unauthorized")
        name, asked = named(message), asked_in(message)
        if name in self._operations:
            raise Close(4409, f"Subscriber for {name} already exists")
        if len(self._operations) >= MOST_OPERATIONS:
            await self._tell(name, refused(too_many()))
            return
        viewer, client = await self._signed_in(self._speaker)
        self._operations[name] = asyncio.create_task(self._run(name, asked, viewer, client))
        await asyncio.sleep(0)  # a subscription listens before the next message is answered

    async def _run(self, name: str, asked: Asked, viewer: Viewer, client: Client) -> None:
        try:
            found = await self._sockets.engine.subscribe(asked, viewer, client)
            if isinstance(found, Answer):
                await self._tell(name, found)
                return
            async for answer in found:
                await self._send("next", id=name, payload=answer.body)
            await self._end(name)
        except WebSocketDisconnect:
            pass
        except Exception as error:  # noqa: BLE001  # whatever it is, its message is not for the client
            await self._tell(name, failed(error, asked.request_id))

    async def _tell(self, name: str, answer: Answer) -> None:
        """The one answer of an operation."""
        if answer.ran:
            await self._send("next", id=name, payload=answer.body)
            await self._end(name)
        else:
            self._operations.pop(name, None)
            await self._send("error", id=name, payload=answer.body["errors"])

    async def _end(self, name: str) -> None:
        self._operations.pop(name, None)
        await self._send("complete", id=name)

    async def _send(self, kind: str, **more: Any) -> None:
        # Text: clients refuse binary frames.
        await self._websocket.send_text(orjson.dumps({"type": kind, **more}).decode())


def too_many() -> GraphQLError:
    """The answer to one operation more than a socket can have."""
    return GraphQLError(
        f"A socket has at most {MOST_OPERATIONS} operations at a time.",
        extensions={"code": "LIMIT_EXCEEDED", "limit": "operations", "max": MOST_OPERATIONS},
    )


def named(message: Mapping[str, Any]) -> str:
    """The operation that a message is about."""
    name = message.get("id")
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_ID:
        raise Close(4400, f"`id` must be a string of 1 to {LONGEST_ID} characters.")
    return name


def payload_of(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a message carries, empty if nothing."""
    payload = message.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise Close(4400, "`payload` must be an object.")
    return payload or {}


def asked_in(message: Mapping[str, Any]) -> Asked:
    """What a message asks."""
    payload = payload_of(message)
    try:
        query = text(payload, "query", required=True)
        variables, operation = mapping(payload, "variables"), text(payload, "operationName")
    except Refused as refusal:
        raise Close(4400, str(refusal)) from None
    return Asked(query, variables, operation or None, request_id=uuid4().hex)


def said(websocket: WebSocket, payload: Mapping[str, Any]) -> Request:
    """Who speaks, as a request says it: by the headers of the handshake, or by the first message in their place.

    The handshake is a GET, and is judged as one: a session counts only if a page of ours opened the socket.
    """
    given = {header: payload[name] for name, header in SAID.items() if payload.get(name) is not None}
    if not all(isinstance(value, str) and value.isprintable() for value in given.values()):
        raise Close(4400, "`authorization` and `organization` must be strings of a line.")
    headers = [(name, value) for name, value in websocket.scope["headers"] if name not in given]
    headers += [(name, value.encode()) for name, value in given.items()]
    return Request({**websocket.scope, "type": "http", "method": "GET", "headers": headers})
