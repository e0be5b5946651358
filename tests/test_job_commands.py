"""`python -m purser jobs`: an operator looks at the queue and puts it right."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from models.database import connected
from models.jobs import Job
from models.loading import load
from purser.commands import commands
from tests import cluster
from tests.conftest import Create


@pytest.fixture
async def operated(create: Create, server_url: str) -> str:
    """The URL of a database with a mail that was given up, one that waits, one under way and one that is done."""
    url = await create(await cluster.migrated(server_url))
    now = datetime.now(UTC)
    job = {"kind": "mail", "run_at": now - timedelta(hours=2), "attempts": 3, "created_at": now - timedelta(hours=2)}
    payload = '{{"message": "invitation", "to": "{}@acme.test", "values": {{}}, "sealed": "canary"}}'
    made: list[dict[str, Any]] = [
        job | {"failed_at": now, "last_error": "550 [/red] no such user"},
        job | {"run_at": now + timedelta(hours=2)},
        job | {"leased_until": now + timedelta(hours=2)},
        job | {"done_at": now},
    ]
    for number, (row, name) in enumerate(zip(made, ("ann", "bob", "cyd", "dan"), strict=True), 1):
        row |= {"id": UUID(int=number), "payload": payload.format(name)}
    async with cluster.connection(url) as connection:
        for row in made:
            await load(connection, {"job": [row]})
    return url


async def asked(url: str, *arguments: str) -> Result:
    """What `python -m purser jobs` answers on this database."""
    environment = {"PURSER_DATABASE_URL": url, "PURSER_SECRET_KEY": "s" * 32}
    return await asyncio.to_thread(lambda: CliRunner().invoke(commands, ["jobs", *arguments], env=environment))


async def test_an_operator_sees_what_was_given_up_and_what_waits(operated: str) -> None:
    shown = (await asked(operated, "list")).output
    failed, busy, waiting = shown.splitlines()[1:]
    assert failed.split() == [
        str(UUID(int=1)), "mail:", "invitation", "to", "a••@a••.test", "given", "up", "2", "h", "3", "550", "[/red]",
        "no", "such", "user",
    ]  # fmt: skip
    assert "under way" in busy
    assert "b••@a••.test  in 1 h" in waiting
    assert not re.search("canary|ann|bob|cyd|dan@", shown)


async def test_an_operator_tries_again_what_was_given_up(operated: str) -> None:
    assert (await asked(operated, "retry", "--failed")).output == "Due now: 1.\n"
    async with connected(operated):
        job = await Job.get(id=UUID(int=1))
    assert (job.failed_at, job.attempts) == (None, 3)
    assert job.run_at <= datetime.now(UTC)


async def test_an_operator_drops_a_job_that_waits_and_is_told_of_one_that_cannot_be_dropped(operated: str) -> None:
    answer = await asked(operated, "drop", str(UUID(int=2)), str(UUID(int=3)), str(UUID(int=4)))
    assert answer.exit_code == 2
    assert "Dropped: 1." in answer.output
    async with connected(operated):
        assert {job.id.int for job in await Job.all()} == {1, 3, 4}


@pytest.mark.parametrize("arguments", [["retry"], ["drop"], ["retry", "--failed", str(UUID(int=1))], ["drop", "x"]])
async def test_an_operator_who_names_nothing_or_too_much_is_told_so(operated: str, arguments: list[str]) -> None:
    assert (await asked(operated, *arguments)).exit_code == 2
