"""Tells Purser what happened: events, signed, until they are taken, from the sandbox's own state."""

import asyncio
import json
import math
import time
from contextlib import suppress
from datetime import UTC, datetime

import httpx

from billing.gateways.signatures import HEADER, signed
from purser.sandbox.state import Row, State
from purser.sandbox.teller import Teller

TIMEOUT = 10.0
LONGEST = 300.0  # seconds between two attempts
IDLE = 3600.0


class Deliveries:
    """One event after another, in the order in which they become due."""

    def __init__(self, state: State, key: str, client: httpx.AsyncClient) -> None:
        self._state, self._teller, self._key, self._client = state, Teller(state), key, client
        self._bell, self._turn = asyncio.Event(), asyncio.Lock()

    def ring(self) -> None:
        """Something happened."""
        self._bell.set()

    def send_to(self, url: str) -> None:
        """Where events go; what waits goes there at once."""
        self._state.do("insert or replace into setting values ('webhook', ?)", url)
        self._state.do("update event set due_at = ? where copies > 0 and attempts > 0", time.time())
        self.ring()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            self._bell.clear()
            self._teller.settle(time.time())
            if (event := self._next(time.time())) is not None:
                await self._deliver(event)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, self._soonest() - time.time())):
                    await self._bell.wait()

    async def hasten(self) -> int:
        """Settle all, and deliver each event that waits, once: how many were not taken."""
        self._teller.settle(math.inf)
        waiting = self._state.all("select * from event where copies > 0 order by due_at, number")
        taken = [await self._deliver(event) for event in waiting for _ in range(event["copies"])]
        return taken.count(False)

    def _next(self, until: float) -> Row | None:
        due = "select * from event where copies > 0 and due_at <= ? order by due_at, number limit 1"
        return self._state.one(due, until) if self._url() else None

    def _soonest(self) -> float:
        due = "select min(due_at) from event where copies > 0" if self._url() else "select null"
        found = self._state.one(
            f"select min(coalesce(({due}), 9e99), coalesce((select min(settles_at) from charge), 9e99))"  # noqa: S608
        )
        return min(float(found[0]) if found else IDLE, time.time() + IDLE)

    def _url(self) -> str | None:
        found = self._state.one("select value from setting where name = 'webhook'")
        return str(found["value"]) if found else None

    async def _deliver(self, event: Row) -> bool:
        """Once. Whether it was taken."""
        async with self._turn:
            standing = self._state.one("select copies, attempts from event where id = ?", event["id"])
            if standing is None or not standing["copies"]:
                return True
            if await self._taken(event):
                taken = "update event set copies = copies - 1, delivered_at = ? where id = ?"
                self._state.do(taken, time.time(), event["id"])
                return True
            wait = min(LONGEST, 2.0 ** standing["attempts"])
            again = "update event set attempts = attempts + 1, due_at = ? where id = ?"
            self._state.do(again, time.time() + wait, event["id"])
            return False

    async def _taken(self, event: Row) -> bool:
        body = told(event)
        headers = {HEADER: signed(body, self._key, datetime.now(UTC)), "content-type": "application/json"}
        try:
            answer = await self._client.post(self._url() or "", content=body, headers=headers, timeout=TIMEOUT)
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
        return answer.is_success


def told(event: Row) -> bytes:
    """The body of an event: the same each time."""
    created = datetime.fromtimestamp(event["created_at"], UTC).isoformat()
    return json.dumps(
        {"id": event["id"], "kind": event["kind"], "created_at": created, "charge": event["charge"]}
    ).encode()
