"""Sandboxes in processes of their own, as `serve` starts them, and who takes their events."""

import asyncio
import json
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from billing.gateways.sandbox import Sandbox
from billing.gateways.signatures import derived
from billing.rules.money import Money
from tests.servers import PATIENCE, ROOT, SECRET, environment

COMMAND = (sys.executable, "-m", "purser.sandbox", "--until-closed")
THEN = datetime(2026, 6, 15, 12, tzinfo=UTC)
SHORT = httpx.Timeout(PATIENCE)
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # of no use, and made in no time: sandboxes speak without TLS


@dataclass
class Process:
    """One that runs on a directory, until it is told to stop or killed."""

    directory: Path
    url: str = ""
    process: "subprocess.Popen[str] | None" = None

    def start(self, *options: str) -> None:
        settings = environment(DATA_DIR=str(self.directory), SECRET_KEY=SECRET)
        self.process = subprocess.Popen(  # noqa: S603  # ours
            [*COMMAND, *options], cwd=ROOT, env=settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()
        assert self.url, self.process.wait(PATIENCE)

    def stop(self) -> int:
        """As with the end of its server: its exit code."""
        assert self.process
        with self.process:
            assert self.process.stdin
            self.process.stdin.close()
            return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """Without a word."""
        assert self.process
        with self.process:
            self.process.kill()

    @asynccontextmanager
    async def gateway(self, clock: Callable[[], datetime] = lambda: THEN) -> AsyncIterator[Sandbox]:
        async with httpx.AsyncClient(trust_env=False, timeout=SHORT, verify=PLAIN) as opened:
            yield Sandbox(lambda: self.url, SECRET.encode(), clock, opened)

    async def ask(self, verb: str, path: str, **asked: Any) -> Any:
        """What only tests ask: `PUT /v1/webhook`, `POST /v1/hasten`."""
        headers = {"authorization": f"Bearer {derived(SECRET.encode(), 'api')}"}
        async with httpx.AsyncClient(trust_env=False, timeout=SHORT, verify=PLAIN) as opened:
            answer = await opened.request(verb, self.url + path, json=asked, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def running(directory: Path, *options: str) -> Iterator[Process]:
    """A sandbox on a directory; it is stopped afterwards."""
    process = Process(directory)
    process.start(*options)
    try:
        yield process
    finally:
        if process.process and process.process.poll() is None:
            process.stop()


async def seen(url: str) -> httpx.Response:
    """What a browser gets."""
    async with httpx.AsyncClient(trust_env=False, timeout=SHORT, verify=PLAIN) as browser:
        return await browser.get(url)


async def clicked(url: str, answer: str) -> httpx.Response:
    """What the payer gets who clicks on the page of 3-D Secure: `approve` or `decline`."""
    async with httpx.AsyncClient(trust_env=False, timeout=SHORT, verify=PLAIN) as browser:
        return await browser.post(url, data={"answer": answer})


@dataclass
class Receiver:
    """Takes events, or refuses them: `answers` gives the status for each that comes."""

    url: str = ""
    taken: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def kinds(self) -> list[str]:
        return [json.loads(body).get("kind") or json.loads(body)["type"] for body, _ in self.taken]

    async def receive(self, request: Request) -> Response:
        self.taken.append((await request.body(), dict(request.headers)))
        self.came.set()
        return Response(status_code=self.answers.pop(0) if self.answers else 200)

    async def find(self, reference: str) -> tuple[bytes, dict[str, str]]:
        """The first event of a charge, whatever else comes."""
        async with asyncio.timeout(PATIENCE):
            while True:
                self.came.clear()
                for body, headers in self.taken:
                    if reference.encode() in body:
                        return body, headers
                await self.came.wait()

    async def wait(self, count: int) -> None:
        """Until so many have come."""
        async with asyncio.timeout(PATIENCE):
            while len(self.taken) < count:
                self.came.clear()
                await self.came.wait()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Somebody who takes events, on a port of his own."""
    receiver = Receiver()
    app = Starlette(routes=[Route("/", receiver.receive, methods=["POST"])])
    with socket.create_server(("127.0.0.1", 0)) as on:
        receiver.url = f"http://127.0.0.1:{on.getsockname()[1]}/"
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
        task = asyncio.create_task(server._serve([on]))
        try:
            yield receiver
        finally:
            server.should_exit = True
            await task


EUR = Money(1000, "EUR")
