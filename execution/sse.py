"""GraphQL over server-sent events, a connection for each operation: https://github.com/enisdenjo/graphql-sse.

`complete` says that there is nothing more to come. A stream that ends without it was cut, by a server that stops:
ask again.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping

import orjson
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from execution.engine import Answer, failed
from execution.lines import Lines

EVENTS = "text/event-stream"
KEEP_ALIVE = 15.0  # seconds; counted from the beginning and not from the last event, so that it tells nothing
COMMENT, COMPLETE = b":\n\n", b"event: complete\ndata:\n\n"


class EventStream(StreamingResponse):
    """Answers as events, one or many."""

    def __init__(
        self, found: Answer | AsyncIterator[Answer], lines: Lines, request_id: str, headers: Mapping[str, str]
    ) -> None:
        body = events(single(found) if isinstance(found, Answer) else found, lines, request_id)
        # Proxies that buffer would keep a hint until the next one comes.
        super().__init__(body, 200, {**headers, "x-accel-buffering": "no"}, media_type=EVENTS)
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._lines.held():
            await super().__call__(scope, receive, send)


async def single(answer: Answer) -> AsyncIterator[Answer]:
    """A stream of one."""
    yield answer


async def events(answers: AsyncIterator[Answer], lines: Lines, request_id: str) -> AsyncIterator[bytes]:
    """What goes over the wire, until the answers end or the server stops."""
    clock = asyncio.get_running_loop().time
    due = clock() + KEEP_ALIVE
    yield COMMENT  # now the stream listens
    closing = asyncio.ensure_future(lines.closing.wait())
    coming = asyncio.ensure_future(following(answers, request_id))
    try:
        while not closing.done():
            done, _ = await asyncio.wait(
                {coming, closing}, timeout=max(0, due - clock()), return_when=asyncio.FIRST_COMPLETED
            )
            if coming in done:
                answer = coming.result()
                yield written(answer)
                if answer is None:
                    return
                coming = asyncio.ensure_future(following(answers, request_id))
            elif not done:
                due += KEEP_ALIVE
                yield COMMENT
    finally:
        coming.cancel()
        closing.cancel()


async def following(answers: AsyncIterator[Answer], request_id: str) -> Answer | None:
    """The next answer; none when it was the last."""
    try:
        return await anext(answers, None)
    except Exception as error:  # noqa: BLE001  # whatever it is, its message is not for the client
        return failed(error, request_id)


def written(answer: Answer | None) -> bytes:
    """An event."""
    return COMPLETE if answer is None else b"event: next\ndata: " + orjson.dumps(answer.body) + b"\n\n"
