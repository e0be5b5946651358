"""`python -m purser jobs`: what waits, what was given up, and what an operator may do about it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from billing.room import now
from models import queue
from models.addresses import masked
from models.database import connected
from models.jobs import Job
from purser.databases import reached
from purser.settings import load

T = TypeVar("T")
commands = typer.Typer(help="Jobs: mails and other background work.", no_args_is_help=True)
out = Console()
MOST = 200
WIDE = 240  # for who reads it with a program: a line a job

Ids = Annotated[list[UUID] | None, typer.Argument(help="Ids as `jobs list` shows them.", metavar="ID...")]
AllFailed = Annotated[bool, typer.Option("--failed", help="All that were given up.")]


@commands.command("list")
def list_() -> None:
    """Show the jobs that were given up, then those that wait, first those that are due first."""
    found = on_database(lambda: Job.filter(done_at=None).order_by("failed_at", "run_at", "id").limit(MOST + 1))
    if not found:
        out.print("No job waits, and none was given up.")
        return
    at = now()
    table = Table(Column("Id", no_wrap=True), "What", "State", "Age", "Tries", "Last error", box=None, pad_edge=False)
    for job in found[:MOST]:
        last = escape(job.last_error or "")
        table.add_row(str(job.id), what(job), state(job, at), ago(at - job.created_at), str(job.attempts), last)
    wide = Console(width=None if out.is_terminal else WIDE)
    wide.print(table)
    if len(found) > MOST:
        out.print(f"These are the first {MOST}.")


@commands.command()
def retry(ids: Ids = None, *, failed: AllFailed = False) -> None:
    """Try these again now."""
    tell("Due now", ids, on_database(lambda: chosen(ids, failed=failed, do=queue.retry)))


@commands.command()
def drop(ids: Ids = None, *, failed: AllFailed = False) -> None:
    """Forget these: a mail is not sent then."""
    tell("Dropped", ids, on_database(lambda: chosen(ids, failed=failed, do=queue.drop)))


async def chosen(
    ids: list[UUID] | None, *, failed: bool, do: Callable[[list[UUID], datetime], Awaitable[list[UUID]]]
) -> list[UUID]:
    """Do it to the jobs that were named, or to all that were given up."""
    if bool(ids) == failed:
        raise typer.BadParameter("Name jobs, or say --failed.")
    found = ids or [job.id for job in await Job.exclude(failed_at=None).filter(done_at=None)]
    return await do(found, now())


def tell(done: str, ids: list[UUID] | None, those: list[UUID]) -> None:
    """What was done; a job that it was not done to is the caller's mistake."""
    out.print(f"{done}: {len(those)}.")
    if left := [str(one) for one in ids or [] if one not in those]:
        raise typer.BadParameter(f"Done, under way or unknown: {', '.join(left)}.")


def on_database(do: Callable[[], Awaitable[T]]) -> T:
    """Do it on the settings' database."""

    async def done(url: str) -> T:
        async with connected(url, pool=1):
            return await do()

    with reached(load()) as url:
        return asyncio.run(done(url))


def what(job: Job) -> str:
    """The kind; of a mail, which one, and as much of the address as tells its receiver apart."""
    if "message" not in job.payload:
        return job.kind
    return f"{job.kind}: {job.payload['message']} to {masked(job.payload['to'])}"


def state(job: Job, at: datetime) -> str:
    """Given up, under way, due or waiting."""
    if job.failed_at:
        return "given up"
    if job.leased_until and job.leased_until > at:
        return "under way"
    return "due" if job.run_at <= at else f"in {ago(job.run_at - at)}"


def ago(span: timedelta) -> str:
    """A span in its largest unit."""
    seconds = int(span.total_seconds())
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{max(seconds, 0)} s"
