"""Servers and workers die at any moment: every committed invitation has its mail, and no other mail is sent."""

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
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
from purser.worker import Lane, Pace, handlers
from tests.conftest import Create
from tests.servers import ROOT, SECRET, environment, free_port
from tests.smtp_server import TAKEN, PostOffice, post_office, take
from tests.world_rows import TOKENS
from tests.worlds import held

WORKER_DEATHS = 4
DOMAIN = "crash.example.org"
INVITE = """
mutation($input: InviteBillingManagersInput!) {
  inviteBillingManagers(input: $input) { results { email outcome } errors { code } }
}
"""
ORGANIZATION = '{ organization(slug: "acme") { id } }'
LIMITED = [{"code": "RATE_LIMITED"}]
# Imports once; each line on its standard input is a command of Purser's, run by a process of its own.
NURSERY = """
import os, signal, sys
from purser.__main__ import main
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    process = os.fork()
    if not process:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(2, 1)
        sys.argv = ["purser", *line.split()]
        os._exit(main())
    print(process, flush=True)
"""


@asynccontextmanager
async def nursery(errors: Path, **settings: str) -> AsyncIterator[Process]:
    """Where processes come from; those that it made outlive it."""
    program, given = (sys.executable, "-c", NURSERY), environment(**settings)
    with errors.open("a") as file:
        process = await asyncio.create_subprocess_exec(
            *program, cwd=ROOT, env=given, stdin=PIPE, stdout=PIPE, stderr=file
        )
    try:
        yield process
    finally:
        process.kill()
        await process.communicate()


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


@dataclass
class Ground:
    """Where servers and workers live shortly; `promised` are the addresses whose invitation was answered."""

    nursery: Process
    chance: random.Random
    workers: set[int] = field(default_factory=set)
    struck: set[int] = field(default_factory=set)
    worker_deaths: int = 0
    promised: set[str] = field(default_factory=set)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    starting: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def running(self, command: str) -> AsyncIterator[int]:
        """A process of Purser's, which never ends by itself; it is killed."""
        assert self.nursery.stdin
        assert self.nursery.stdout
        async with self.starting:
            self.nursery.stdin.write(f"{command}\n".encode())
            process = int(await self.nursery.stdout.readline())
        try:
            yield process
            assert alive(process) or process in self.struck, command
        finally:
            kill(process)
            while alive(process):  # noqa: ASYNC110  # it is no child of ours
                await asyncio.sleep(0.001)

    async def serve(self, client: AsyncClient) -> None:
        """Servers that die some requests after they began to answer; the last one when enough workers have died."""
        for deaths in (0, WORKER_DEATHS):
            async with self.running("serve --no-worker") as process:
                most = None
                while alive(process) and (most is None or len(self.promised) < most or self.worker_deaths < deaths):
                    if most is None and await ready(client):
                        most = len(self.promised) + self.chance.randint(5, 60)
                    await asyncio.sleep(self.chance.uniform(0, 0.02))
        self.ended.set()

    async def work(self) -> None:
        """Workers, one after another."""
        while not self.ended.is_set():
            async with self.running("worker") as process:
                self.workers.add(process)
                while alive(process) and not self.ended.is_set():  # noqa: ASYNC110  # as above
                    await asyncio.sleep(0.01)
            self.workers.discard(process)
            self.worker_deaths += 1

    async def strike(self, _: SMTP) -> str:
        """Take a mail slowly; now and then, and at the first, all workers die: before the answer or about then."""
        await asyncio.sleep(self.chance.uniform(0, 0.01))
        first = not self.struck
        if first or self.chance.random() < 1 / 10:
            self.struck |= self.workers
            for process in self.workers:
                asyncio.get_running_loop().call_later(0 if first else self.chance.uniform(0, 0.005), kill, process)
            await asyncio.sleep(0.01 if first else self.chance.choice([0, 0.01]))
        return TAKEN

    async def invite(self, client: AsyncClient) -> None:
        """Invitations one after another; what was asked of a server that died may have been done or not."""
        organization = None
        while not self.ended.is_set():
            await asyncio.sleep(0.02)
            emails = [f"{uuid4().hex}@{DOMAIN}" for _ in range(self.chance.randint(1, 3))]
            try:
                organization = organization or (await asked(client, ORGANIZATION, {}))["organization"]["id"]
                given = {"organizationId": organization, "emails": emails, "idempotencyKey": str(uuid4())}
                answer = (await asked(client, INVITE, {"input": given}))["inviteBillingManagers"]
            except TransportError:
                continue
            assert answer["errors"] in ([], LIMITED)
            self.promised |= {one["email"] for one in answer["results"] if one["outcome"] == "SENT"}


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


async def drain(office: PostOffice, public_url: str) -> None:
    """What a worker does that lives: in ten minutes, when leases and delays are over."""
    room = Room(Sealer(SECRET.encode()))
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
    url = await create(await held(server_url))
    seed = random.randrange(2**32)  # noqa: S311  # told when it fails
    async with post_office() as office:
        settings = {"DATABASE_URL": url, "SECRET_KEY": SECRET, "SMTP_URL": office.url, "PORT": str(free_port())}
        public_url = f"http://127.0.0.1:{settings['PORT']}"
        headers = {"Authorization": f"Bearer {TOKENS['billing']}", "Purser-Organization": "acme"}
        async with (
            nursery(tmp_path / "errors.log", **settings) as parent,
            AsyncClient(base_url=public_url, headers=headers) as client,
            asyncio.TaskGroup() as tasks,
        ):
            ground = Ground(parent, random.Random(seed))  # noqa: S311  # as above
            office.data = ground.strike
            for one in (ground.serve(client), ground.work(), ground.work(), *map(ground.invite, [client] * 3)):
                tasks.create_task(one)
        async with connected(url):
            office.data = take
            await drain(office, public_url)
            committed = {one.email async for one in BillingInvitation.filter(email__endswith=DOMAIN)}
            jobs = {f"<{job.id}@127.0.0.1>": job async for job in Job.filter(kind=MAIL)}
        assert ground.promised <= committed, seed
        arrived = defaultdict(list)
        for mail, envelope in zip(office.mails, office.envelopes, strict=True):
            arrived[mail["Message-ID"]].append((envelope.rcpt_tos, envelope.original_content))
        assert arrived.keys() == jobs.keys(), seed
        assert all(job.done_at and "sealed" not in job.payload for job in jobs.values()), seed
        invited = [to for mails in arrived.values() for to in mails[0][0] if to.endswith(DOMAIN)]
        assert sorted(invited) == sorted(committed), seed
        assert all(mails.count(mails[0]) == len(mails) for mails in arrived.values()), seed
        assert len(office.mails) > len(arrived), "nothing was repeated"
