"""Works off the queue: which kinds of jobs there are, and who does them, in lanes that do not wait for each other."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
import uvloop

from billing import (
    card_expiry,
    due,
    gateway_jobs,
    invoice_requests,
    invoices,
    payment_methods,
    payments,
    printing,
    recurring,
    refunds,
    retention,
    seat_days,
)
from billing.card_expiry import EXPIRY
from billing.due import DUE
from billing.retention import RETENTION
from billing.room import Room
from billing.seat_days import SEAT_DAYS
from execution.engine import frames
from mailer.directory import Directory
from mailer.mail import Carrier, Stationery
from mailer.outbox import MAIL
from mailer.post import Post
from mailer.relay import relay
from mailer.smtp import Smtp
from models import queue
from models.database import connected
from models.listening import listen
from models.queue import WAKE, Claimed, ClaimLost, GivenUp, TryLater
from models.transactions import transaction
from purser import gateways, rooms
from purser.clock import movable
from purser.settings import Settings

log = structlog.get_logger(__name__)
ALWAYS = 2**31 - 1
RECURRING = (RETENTION, SEAT_DAYS, DUE, EXPIRY)


@dataclass(frozen=True)
class Handler:
    """How the jobs of a kind are done.

    `in_database`: all it does is written to the database, so it is done exactly once, together with the job's end;
    else at least once. Kinds of one lane are done one after another.
    """

    run: Callable[[Claimed], Awaitable[None]]
    attempts: int = 20
    in_database: bool = False
    lane: str = "work"


def handlers(room: Room, post: Post) -> dict[str, Handler]:
    """Every kind of job there is."""
    return {
        MAIL: Handler(post.deliver, attempts=60, lane="mail"),  # for about two days
        invoices.RENDER: Handler(partial(printing.printed, room), attempts=ALWAYS, lane="paper"),
        payments.SETTLE: Handler(partial(gateway_jobs.settle, room), attempts=ALWAYS, lane="gateway"),
        payments.RELEASE: Handler(partial(gateway_jobs.release, room), attempts=ALWAYS, lane="gateway"),
        refunds.SETTLE: Handler(partial(gateway_jobs.refund, room), attempts=ALWAYS, lane="gateway"),
        DUE: Handler(partial(due.sweep, room), attempts=ALWAYS, lane="due"),
        payment_methods.FORGET: Handler(partial(gateway_jobs.forget, room), attempts=ALWAYS, lane="gateway"),
        card_expiry.LOOK: Handler(partial(card_expiry.look, room), lane="gateway"),
        EXPIRY: Handler(partial(card_expiry.begin, room), attempts=ALWAYS, in_database=True),
        invoice_requests.LAPSE: Handler(partial(invoice_requests.lapsed, room), attempts=ALWAYS),
        RETENTION: Handler(partial(retention.sweep, room), attempts=ALWAYS, in_database=True),
        SEAT_DAYS: Handler(partial(seat_days.begin, room), attempts=ALWAYS, in_database=True),
    }


@dataclass(frozen=True)
class Pace:
    """In seconds: how often to look for what became due, how long a claim is good, how long to wait at the end."""

    poll: float = 5
    lease: float = 60
    grace: float = 10


class Lane:
    """Does jobs of some kinds, one after another, as long as there are any; then waits."""

    def __init__(self, known: Mapping[str, Handler], clock: Callable[[], datetime], pace: Pace) -> None:
        self._known, self._clock, self._pace = known, clock, pace
        self._most = {kind: handler.attempts for kind, handler in known.items()}
        self._bell = asyncio.Event()
        self._stopping = False

    def ring(self) -> None:
        """There may be something to do."""
        self._bell.set()

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping = True
        self.ring()

    async def run(self) -> None:
        """Until it is told to stop. A database that is away is waited for."""
        while not self._stopping:
            self._bell.clear()
            try:
                if await self.one():
                    continue
            except Exception as error:  # noqa: BLE001  # as request errors: without values
                log.warning("jobs cannot be done", error=type(error).__name__, frames=frames(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pace.poll):
                    await self._bell.wait()

    async def one(self) -> bool:
        """Do the job that is due longest; False if there is none."""
        job = await queue.claim(self._most, self._clock(), self._leased())
        if job is None:
            return False
        if job.spent:
            _tell(job, "Its worker died.", final=True)
        elif self._stopping:
            await queue.release(job)
        else:
            await self._do(job)
        return True

    async def _do(self, job: Claimed) -> None:
        try:
            await (self._transacted(job) if self._known[job.kind].in_database else self._held(job))
        except ClaimLost:
            log.warning("job was taken over", job=str(job.id), kind=job.kind)
        except (TryLater, GivenUp) as error:
            await self._fail(job, str(error), final=isinstance(error, GivenUp))
        except asyncio.CancelledError:
            await queue.release(job)
            raise
        except Exception as error:  # noqa: BLE001  # the message may hold values
            log.warning("job broke", job=str(job.id), error=type(error).__name__, frames=frames(error))
            await self._fail(job, f"{type(error).__name__}.", final=False)

    async def _fail(self, job: Claimed, error: str, *, final: bool) -> None:
        final = final or job.attempts >= self._most[job.kind]
        _tell(job, error, final=final)
        with suppress(ClaimLost):
            await queue.fail(job, error, self._clock(), final=final)

    async def _transacted(self, job: Claimed) -> None:
        async def body() -> None:
            await queue.finish(job, self._clock())  # first: whoever has the row has the job
            await self._known[job.kind].run(job)

        await transaction(body)

    async def _held(self, job: Claimed) -> None:
        await self._kept(job, self._known[job.kind].run(job))
        await transaction(lambda: queue.finish(job, self._clock()))

    async def _kept(self, job: Claimed, work: Awaitable[None]) -> None:
        """Do it and keep the claim meanwhile; it is broken off when the claim is lost."""
        running, beating = asyncio.ensure_future(work), asyncio.create_task(self._beat(job))
        try:
            await asyncio.wait({running, beating}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                beating.result()
            await running
        finally:
            await _ended(running, beating)

    async def _beat(self, job: Claimed) -> None:
        while True:
            await asyncio.sleep(self._pace.lease / 3)
            try:
                await queue.extend(job, self._leased())
            except ClaimLost:
                raise
            except Exception as error:  # noqa: BLE001  # a database that is away; the claim may last until it is back
                log.warning("claim was not extended", job=str(job.id), error=type(error).__name__)

    def _leased(self) -> datetime:
        return self._clock() + timedelta(seconds=self._pace.lease)


def _tell(job: Claimed, error: str, *, final: bool) -> None:
    said = log.error if final else log.info
    said("job failed", job=str(job.id), kind=job.kind, attempts=job.attempts, error=error, given_up=final)


async def _ended(*tasks: "asyncio.Future[Any]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def working(
    url: str, known: Mapping[str, Handler], clock: Callable[[], datetime], pace: Pace | None = None
) -> AsyncIterator[None]:
    """Work until the context ends: then what runs is finished, or given back when that takes too long."""
    pace = pace or Pace()
    kinds: dict[str, dict[str, Handler]] = {}
    for kind, handler in known.items():
        kinds.setdefault(handler.lane, {})[kind] = handler
    lanes = [Lane(found, clock, pace) for found in kinds.values()]

    def ring(_: str | None) -> None:
        for lane in lanes:
            lane.ring()

    ear = asyncio.create_task(listen(url, WAKE, ring))
    running = [asyncio.create_task(lane.run()) for lane in lanes]
    try:
        yield
    finally:
        for lane in lanes:
            lane.stop()
        await asyncio.wait(running, timeout=pace.grace)
        await _ended(ear, *running)


@asynccontextmanager
async def beside(settings: Settings, url: str, room: Room) -> AsyncIterator[None]:
    """The worker that the settings describe, on the database that is open."""
    stationery = Stationery(settings.mail_from, settings.public_url)
    for kind in RECURRING:
        await recurring.ensure(room, kind)
    async with carrier(settings, stationery.host) as carries:
        known = handlers(room, Post(room.sealer, stationery, carries))
        async with working(url, known, room.clock):
            yield


def run(settings: Settings, url: str) -> None:
    """Work in this process until SIGINT or SIGTERM. Raises DatabaseRefused."""
    clock = movable(settings)
    room = rooms.of(settings, clock)

    async def until_told() -> None:
        told = asyncio.Event()
        for sent in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sent, told.set)
        async with (
            connected(url),
            clock.kept(url) if clock else nullcontext(),
            gateways.chosen(settings, room.clock) as gateway,
            beside(settings, url, replace(room, gateway=gateway)),
        ):
            await told.wait()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(until_told())


@asynccontextmanager
async def carrier(settings: Settings, name: str) -> AsyncIterator[Carrier]:
    """How mails go: to the SMTP server, or into the data directory where there is none."""
    if settings.smtp_url is None:
        yield Directory(settings.mail_dir)
        return
    async with Smtp(relay(settings.smtp_url.get_secret_value()), name) as smtp:
        yield smtp
