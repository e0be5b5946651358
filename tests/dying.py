"""Asks one thing in a process that kills itself behind its n-th step: a statement, or a call of the gateway.

Imports once; each line on its standard input is an order, carried out by a process of its own; its exit code is told.
"""

import asyncio
import gc
import json
import os
import signal
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import anyio._backends._asyncio  # noqa: F401  # once, and not in each process; as are the next
import httpcore  # noqa: F401
import tortoise.backends.asyncpg  # noqa: F401
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette

from billing.gateways.gateway import Gateway
from billing.gateways.sandbox import Sandbox
from models import Role
from models.database import connected
from models.roles import granted_to
from purser.app import Ports, Server, routes
from tests.sandboxes import Process
from tests.servers import ROOT
from tests.visitors import ORIGIN, documents, schema, share
from tests.visitors import SECRET as OURS

KILLED = -signal.SIGKILL


@dataclass
class Steps:
    """Counts, and kills behind the last one; 0: never."""

    last: int
    taken: int = 0

    def step(self, _: Any = None) -> None:
        self.taken += 1
        if self.taken == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


class Dying:
    """A gateway whose calls are two steps each: that it is called, and that it answered."""

    def __init__(self, inner: Sandbox, steps: Steps) -> None:
        self._inner, self._steps = inner, steps

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._called(found) if name in {"charge", "found", "cancel", "refund"} else found

    def _called(self, call: Any) -> Any:
        async def stepping(*args: Any) -> Any:
            self._steps.step()
            answer = await call(*args)
            self._steps.step()
            return answer

        return stepping


async def ask(url: str, gateway: str, last: int, now: str, cookie: str, body: dict[str, Any]) -> None:
    """The request, as somebody who is signed in."""
    steps, clock = Steps(last), datetime.fromisoformat(now)
    async with (
        connected(url, pool=1) as database,
        Process(ROOT, gateway).gateway(lambda: clock) as opened,
    ):
        async with database.connection() as connection:
            connection.add_query_logger(steps.step)
        ports = Ports(url, OURS, lambda: clock, special_addresses=True, public_url=ORIGIN)
        server = Server(schema(), database, ports, cast("Gateway", Dying(opened, steps)))
        share(server.engine)
        routed = Starlette(routes=routes())

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await routed(scope | {"state": {"server": server}}, receive, send)

        headers = {"purser-request": "1", "origin": ORIGIN, "cookie": cookie}
        async with AsyncClient(transport=ASGITransport(app), base_url=ORIGIN, headers=headers) as browser:
            (await browser.post("/graphql", json=body)).raise_for_status()


def main() -> None:
    """Until there are no more orders."""
    for line in sys.stdin:
        order = json.loads(line)
        documents().of(order["body"]["query"], granted_to([Role.BILLING_MANAGER]))  # once, and not in each process
        gc.collect()
        gc.freeze()
        if not (process := os.fork()):
            asyncio.run(ask(**order))
            os._exit(0)
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201  # it is asked for


if __name__ == "__main__":
    main()
