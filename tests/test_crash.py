"""Servers and workers die at any moment: every committed invitation has its mail, and no other mail is sent."""

import asyncio
import random
import signal
from asyncio.subprocess import Process
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiosmtpd.smtp import SMTP
from httpx import AsyncClient, TransportError

from billing.room import Room, now
from billing.sealing import Sealer
from mailer.mail import Stationery
from mailer.outbox import MAIL
from mailer.post import Post
from mailer.relay import relay
from mailer.smtp import Smtp
from models import BillingInvitation
from models.database import connected
from models.jobs import Job
from models.migrate import migrate
from purser import demo
from purser.worker import Lane, Pace, handlers
from tests import cluster
from tests.conftest import Create
from tests.servers import PATIENCE, PURSER, ROOT, SECRET, environment, free_port
from tests.smtp_server import TAKEN, PostOffice, post_office, take

WORKER_DEATHS = 3
INVITE = """
mutation($input: InviteBillingManagersInput!) {
  inviteBillingManagers(input: $input) { results { email outcome } errors { code } }
}
"""
ORGANIZATION = '{ organization(slug: "acme") { id } }'
LIMITED = [{"code": "RATE_LIMITED"}]


async def fill(url: str) -> None:
    await migrate(url)
    async with cluster.connection(url) as connection:
        await demo.seed(connection, now=now(), secret=SECRET.encode(), members=20, invoices=14)


@dataclass
class Ground:
    """Where servers and workers live shortly; `promised` are the addresses whose invitation was answered."""

    settings: dict[str, str]
    errors: Path
    chance: random.Random
    workers: set[Process] = field(default_factory=set)
    worker_deaths: int = 0
    promised: set[str] = field(default_factory=set)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def running(self, *command: str) -> AsyncIterator[Process]:
        """A process of Purser's, killed if it has not been before."""
        with self.errors.open("a") as errors:
            process = await asyncio.create_subprocess_exec(
                *PURSER, *command, cwd=ROOT, env=environment(**self.settings), stdout=errors, stderr=errors
            )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            assert await process.wait() == -signal.SIGKILL, self.errors.read_text()

    async def serve(self, client: AsyncClient) -> None:
        """Servers that die some requests after they began to answer; the last one when enough workers have died."""
        for last in (False, True):
            async with self.running("serve", "--no-worker"):
                await until(lambda: ready(client))
                promised = len(self.promised) + self.chance.randint(5, 60)
                deaths = WORKER_DEATHS if last else 0
                await until(lambda: self.are(promised, deaths))  # noqa: B023  # called here
                await asyncio.sleep(self.chance.uniform(0, 0.02))
        self.ended.set()

    async def are(self, promised: int, deaths: int) -> bool:
        """Whether so much was promised, and so many workers died."""
        return len(self.promised) >= promised and self.worker_deaths >= deaths

    async def work(self) -> None:
        """Workers, one after another."""
        while not self.ended.is_set():
            async with self.running("worker") as process:
                self.workers.add(process)
                ends = [asyncio.create_task(one) for one in (process.wait(), self.ended.wait())]
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
                ends[1].cancel()
            self.workers.discard(process)
            self.worker_deaths += 1

    async def strike(self, _: SMTP) -> str:
        """Take a mail slowly; now and then, and at the first, all workers die: before the answer or about then."""
        await asyncio.sleep(self.chance.uniform(0, 0.01))
        if not self.worker_deaths or self.chance.random() < 1 / 10:
            delay = self.chance.uniform(0, 0.005) if self.worker_deaths else 0
            for process in self.workers:
                asyncio.get_running_loop().call_later(delay, kill, process)
            await asyncio.sleep(self.chance.choice([0, 0.01]) if self.worker_deaths else 0.01)
        return TAKEN

    async def invite(self, client: AsyncClient) -> None:
        """Invitations one after another; what was asked of a server that died may have been done or not."""
        organization = None
        while not self.ended.is_set():
            await asyncio.sleep(0.02)
            emails = [f"{uuid4().hex}@crash.test" for _ in range(self.chance.randint(1, 3))]
            try:
                organization = organization or (await asked(client, ORGANIZATION, {}))["organization"]["id"]
                given = {"organizationId": organization, "emails": emails, "idempotencyKey": str(uuid4())}
                answer = (await asked(client, INVITE, {"input": given}))["inviteBillingManagers"]
            except TransportError:
                continue
            assert answer["errors"] in ([], LIMITED)
            self.promised |= {one["email"] for one in answer["results"] if one["outcome"] == "SENT"}


def kill(process: Process) -> None:
    if process.returncode is None:
        process.kill()


async def asked(client: AsyncClient, query: str, variables: dict[str, Any]) -> Any:
    response = await client.post("/graphql", json={"query": query, "variables": variables})
    body = response.json()
    assert "errors" not in body, body
    return body["data"]


async def ready(client: AsyncClient) -> bool:
    try:
        return (await client.get("/health/ready")).status_code == 200
    except TransportError:
        return False


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(2 * PATIENCE):
        while not await condition():  # noqa: ASYNC110  # of another process
            await asyncio.sleep(0.02)


async def drain(office: PostOffice, public_url: str) -> None:
    """What a worker does that lives: in ten minutes, when leases and delays are over."""
    room = Room(Sealer(SECRET.encode()), special_addresses=True)
    stationery = Stationery("Purser <purser@localhost>", public_url)
    async with Smtp(relay(office.url), "plans.test") as smtp:
        known = handlers(room, Post(room.sealer, stationery, smtp))
        lane = Lane({MAIL: known[MAIL]}, lambda: now() + timedelta(minutes=10), Pace())
        while await lane.one():
            pass


async def test_no_invitation_loses_its_mail_and_no_other_mail_is_sent(
    create: Create, server_url: str, tmp_path: Path
) -> None:
    # case 28
    url = await create(await cluster.prepared(server_url, "crash", fill))
    seed = random.randrange(2**32)  # noqa: S311  # told when it fails
    key = next(one.api_key for one in demo.accounts(SECRET.encode()) if one.email == "billing@acme.test")
    async with post_office() as office:
        settings = {"DATABASE_URL": url, "SECRET_KEY": SECRET, "DEMO": "1", "DATA_DIR": str(tmp_path)}
        settings |= {"PORT": str(free_port()), "SMTP_URL": office.url}
        public_url = f"http://127.0.0.1:{settings['PORT']}"
        ground = Ground(settings, tmp_path / "errors.log", random.Random(seed))  # noqa: S311
        office.data = ground.strike
        headers = {"Authorization": f"Bearer {key}", "Purser-Organization": "acme"}
        async with AsyncClient(base_url=public_url, headers=headers) as client, asyncio.TaskGroup() as tasks:
            for one in (ground.serve(client), ground.work(), ground.work(), *map(ground.invite, [client] * 3)):
                tasks.create_task(one)
        async with connected(url):
            office.data = take
            await drain(office, public_url)
            committed = {one.email async for one in BillingInvitation.filter(email__endswith="@crash.test")}
            jobs = {f"<{job.id}@127.0.0.1>": job async for job in Job.filter(kind=MAIL)}
        assert ground.promised <= committed, seed
        arrived = defaultdict(list)
        for mail, envelope in zip(office.mails, office.envelopes, strict=True):
            arrived[mail["Message-ID"]].append((envelope.rcpt_tos, envelope.original_content))
        assert arrived.keys() == jobs.keys(), seed
        assert all(job.done_at and "sealed" not in job.payload for job in jobs.values()), seed
        assert sorted(mails[0][0][0] for mails in arrived.values()) == sorted(committed), seed
        assert all(mails.count(mails[0]) == len(mails) for mails in arrived.values()), seed
        assert len(office.mails) > len(arrived), "nothing was repeated"
