"""Runs the server in this process until it is told to stop."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable

import uvicorn
import uvloop
from starlette.applications import Starlette

from execution.http import MOST_BYTES
from purser.settings import Settings


class ServingError(Exception):
    """The server cannot run; the message is one sentence for the operator."""


def listening(settings: Settings) -> socket.socket:
    """The socket to serve on, taken before anything slow begins. Raises ServingError."""
    try:
        family, *_, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ServingError(
            f"Cannot listen on {settings.host}, port {settings.port}: {reason}. Set PURSER_HOST or PURSER_PORT."
        ) from None
    return made


class Announcing(uvicorn.Server):
    """Says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if served := self.lifespan.state.get("server"):
            served.lines.closing.set()  # or uvicorn would wait for the streams, and then cut them
        await super().shutdown(sockets)


def stop_on_terminate() -> None:
    """Leave through all open contexts when told to stop, the embedded database's among them."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def configured(app: Starlette) -> uvicorn.Config:
    """How the application is served."""
    return uvicorn.Config(
        app, loop="uvloop", http="httptools", ws="websockets-sansio", ws_max_size=MOST_BYTES,
        ws_per_message_deflate=False, lifespan="on", log_config=None, access_log=False, proxy_headers=False,
        server_header=False, timeout_graceful_shutdown=10, limit_concurrency=1000, timeout_keep_alive=30,
    )  # fmt: skip


def run(app: Starlette, on: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called once, when requests are answered."""
    server = Announcing(configured(app), ready)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(server.serve([on]))
    except KeyboardInterrupt:
        pass  # asked for, and everything was closed
    if not server.started:
        raise ServingError("The server did not start; the reason stands above.")
