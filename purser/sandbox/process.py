"""The sandbox as a process: what it serves, where, and how one that runs is found."""

import asyncio
import fcntl
import logging
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from billing.gateways import signatures
from purser.sandbox.api import Api
from purser.sandbox.deliveries import Deliveries
from purser.sandbox.pages import Pages
from purser.sandbox.state import State

RUNS = 3  # exit code: another one is there
PATIENCE = 5.0  # seconds for one that is about to end


class SandboxError(Exception):
    """The sandbox cannot run; the message is one sentence for the operator."""


class SandboxRunsError(SandboxError):
    """One runs on this state already."""


@dataclass(frozen=True)
class Place:
    """Where a sandbox keeps its state, and says where it listens."""

    directory: Path

    @property
    def state(self) -> Path:
        return self.directory / "state.sqlite"

    @property
    def address(self) -> Path:
        return self.directory / "url"

    def url(self) -> str | None:
        """Where it answers; None while none runs."""
        try:
            return self.address.read_text().strip() or None
        except OSError:
            return None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Alone, until the end. Raises SandboxRunsError."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = (self.directory / "lock").open("a")
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise SandboxError(f"The sandbox cannot keep its state in {self.directory}: {reason}.") from None
        with lock:
            self._wait(lock)
            yield

    def taken(self) -> bool:
        """Whether one runs here."""
        try:
            with (self.directory / "lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def _wait(self, lock: IO[str]) -> None:
        """One that is about to end takes its address away first."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            if self.url() or time.monotonic() > deadline:
                raise SandboxRunsError(f"A sandbox runs on {self.directory} already.")
            time.sleep(0.02)

    @contextmanager
    def told(self, url: str) -> Iterator[None]:
        """The address stands in a file."""
        draft = self.address.with_suffix(f".{os.getpid()}")
        draft.write_text(f"{url}\n")
        draft.rename(self.address)
        try:
            yield
        finally:
            self.address.unlink(missing_ok=True)


@dataclass(frozen=True)
class Listening:
    """How it is started. `until_closed`: it ends when its standard input does, that is with who started it."""

    host: str = "127.0.0.1"
    port: int = 0
    pages: str | None = None
    webhook: str | None = None
    until_closed: bool = False


class Server(uvicorn.Server):
    """Says where it listens, and takes that back as soon as it is to end."""

    def __init__(self, config: uvicorn.Config, place: Place, url: str, listening: Listening) -> None:
        super().__init__(config)
        self._told, self._url, self._listening = place.told(url), url, listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        self._told.__enter__()
        if self._listening.until_closed:
            asyncio.get_running_loop().add_reader(sys.stdin.fileno(), self._heard)
        sys.stdout.write(f"{self._url}\n")
        sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._told.__exit__(None, None, None)
        await super().shutdown(sockets)

    def _heard(self) -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            self.should_exit = True


def application(state: State, secret: bytes, pages: str, webhook: str | None) -> Starlette:
    """Its routes, and what delivers its events meanwhile."""
    client = httpx.AsyncClient(trust_env=False)
    deliveries = Deliveries(state, signatures.derived(secret, "webhook"), client)
    api = Api(state, deliveries, signatures.derived(secret, "api"), pages)

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        if webhook is not None:
            deliveries.send_to(webhook)
        running = asyncio.create_task(deliveries.run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.wait([running])
            await client.aclose()

    looked_at = Pages(state, deliveries.ring).routes()
    return Starlette(routes=[Route("/health", live), *api.routes(), *looked_at], lifespan=lifespan)


def run(directory: Path, secret: bytes, listening: Listening) -> None:
    """Serve until SIGINT, SIGTERM or the end of the standard input. Raises SandboxError."""
    place = Place(directory)
    with place.held(), bound(listening) as on:
        host, port = on.getsockname()[:2]
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        state = State(place.state)
        app = application(state, secret, listening.pages or url, listening.webhook)
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # an answer cut off is meant so
        config = uvicorn.Config(
            app, http="httptools", ws="none", lifespan="on", log_config=None, access_log=False,
            server_header=False, timeout_graceful_shutdown=2,
        )  # fmt: skip
        with suppress(KeyboardInterrupt):
            asyncio.run(Server(config, place, url, listening).serve([on]))
        state.close()


@contextmanager
def bound(listening: Listening) -> Iterator[socket.socket]:
    """The socket. Raises SandboxError."""
    try:
        family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
        made = socket.create_server((listening.host, listening.port), family=family)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SandboxError(f"The sandbox cannot listen on {listening.host}: {reason}.") from None
    with made:
        yield made
