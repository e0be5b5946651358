"""The commands of `python -m purser`."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from datetime import timedelta
from functools import partial
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from billing.limits import Limits
from billing.room import Room, now
from models import Permission, Role
from models.database import connected
from models.migrate import pending
from models.roles import EVERYTHING, granted_to
from purser import (
    catalogue,
    demo,
    gateways,
    inbox,
    jobs,
    keys,
    ledger,
    logs,
    rooms,
    sandbox_pages,
    serving,
    statements,
    worker,
)
from purser.app import Ports, application
from purser.clock import Clock, movable, read
from purser.databases import migrated, reached, served
from purser.refund import refund
from purser.sandbox import child
from purser.sandbox.command import sandbox
from purser.settings import Settings, load
from schema.build import build
from schema.views import Views

commands = typer.Typer(
    help="The server behind an organization's plans page.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
api_key = typer.Typer(help="API keys.", no_args_is_help=True)
commands.add_typer(api_key, name="api-key")
commands.add_typer(jobs.commands, name="jobs")
commands.add_typer(ledger.commands, name="ledger")
commands.add_typer(catalogue.commands, name="plans")
commands.command("sandbox")(sandbox)
commands.add_typer(statements.commands, name="payments")
commands.command("refund")(refund)
out, notes = Console(), Console(stderr=True)


class CommandError(Exception):
    """What was asked for cannot be done; the message is one sentence for the operator."""


@commands.command()
def serve(
    with_worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Do background work too, such as sending mails.")
    ] = True,
) -> None:
    """Run the server: database, migrations, demo data if it is a demo, the API and a worker."""
    settings = load()
    logs.configure()
    serving.stop_on_terminate()
    clock = movable(settings)
    with serving.listening(settings) as socket, child.beside(settings) as sandbox_ready, served(settings) as url:
        brought_up(settings, url)
        sandbox_ready()
        app = application(
            Ports(
                url,
                settings.secret().encode(),
                special_addresses=settings.demo,
                public_url=settings.public_url,
                trusted_proxies=settings.trusted_proxies,
                limits=Limits(now, settings.rate_limit_url),
                clock=clock or now,
                move=clock.move if clock else None,
                gateway=partial(gateways.chosen, settings, clock or now),
                stripe=settings.gateway == "stripe",
                seller=settings.seller,
                beside=partial(beside, settings, url, clock, working=with_worker),
            ),
            extra=lambda: [*inbox.routes(settings), *sandbox_pages.routes(settings)],
        )
        serving.run(app, socket, lambda: welcome(settings))


@commands.command("worker")
def worker_() -> None:
    """Do background work, such as sending mails, until told to stop. As many as you like may run at once."""
    settings = load()
    logs.configure()
    serving.stop_on_terminate()
    with reached(settings) as url:
        if asyncio.run(pending(url)):
            raise CommandError("The database is not migrated: run `python -m purser migrate`.")
        notes.print("The worker runs. Press Ctrl-C to stop.")
        worker.run(settings, url)


@commands.command("migrate")
def migrate_(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit with 1 if something is to do.")] = False,
) -> None:
    """Bring the database to the schema that this version needs."""
    settings = load()
    with reached(settings) as url:
        if not check:
            for name in asyncio.run(migrated(settings, url)):
                out.print(f"Applied {name}.")
            return
        if names := asyncio.run(pending(url)):
            raise CommandError(f"To be applied: {', '.join(names)}.")


@commands.command()
def seed_demo(
    members: Annotated[int, typer.Option(min=20, help="How many members Acme has.")] = 60,
    invoices: Annotated[int, typer.Option(min=15, help="How many invoices Acme has.")] = 15,
) -> None:
    """Fill an empty database with the demo: acme and globex, their people, a year of invoices and usage."""
    settings = load()
    if not settings.demo:
        raise CommandError("This is no demo: set PURSER_DEMO=1 to make it one.")
    with reached(settings) as url:
        asyncio.run(migrated(settings, url))
        done = asyncio.run(seed(settings, url, members, invoices))
    notes.print("The demo is there." if done else "The demo was there already; nothing was changed.")


@commands.command("demo")
def demo_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Show whom one may sign in as in the demo, with passwords and API keys."""
    settings = load()
    if not settings.demo:
        raise CommandError("This is no demo: its accounts do not exist.")
    accounts = demo.accounts(settings.secret().encode())
    if as_json:
        slugs = sorted({slug for account in accounts for slug in account.roles})
        told = [
            {
                "email": account.email,
                "password": account.password,
                "name": account.name,
                "roles": account.roles,
                "apiKey": account.api_key,
            }
            for account in accounts
        ]
        typer.echo(
            json.dumps({"url": f"{settings.public_url}/graphql", "organizations": slugs, "accounts": told}, indent=2)
        )
        return
    people(accounts)


@commands.command()
def schema(
    as_role: Annotated[
        list[Role] | None, typer.Option(help="As somebody with this role sees it; may be given several times.")
    ] = None,
) -> None:
    """Print the GraphQL schema, whole or as somebody with these roles sees it."""
    made = build(sandbox=True)
    granted = granted_to(as_role) if as_role else EVERYTHING
    typer.echo(Views(made).sdl(granted), nl=False)


@api_key.command()
def create(
    email: Annotated[str, typer.Option(help="Whose key it is: what it may do, he may do.")],
    name: Annotated[str, typer.Option(help="What the key is called in lists.")] = "Command line",
    organization: Annotated[str | None, typer.Option(help="Slug of the only organization it is good for.")] = None,
    permission: Annotated[
        list[Permission] | None, typer.Option(help="What it may do at most; may be given several times.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="How long it is good; for ever if not given.")
    ] = None,
) -> None:
    """Make an API key and print it; it is shown this once."""
    settings = load()

    async def made(url: str) -> str:
        async with connected(url, pool=1):
            return await keys.create(
                rooms.of(settings, await read(settings)),
                email=email,
                name=name,
                organization=organization,
                permissions=permission or None,
                lifetime=None if days is None else timedelta(days=days),
            )

    with reached(settings) as url:
        typer.echo(asyncio.run(made(url)))


@asynccontextmanager
async def beside(
    settings: Settings, url: str, clock: Clock | None, room: Room, *, working: bool
) -> AsyncIterator[None]:
    """What runs with the server: its clock, if that can be moved, and a worker, if it is to have one."""
    keeping = clock.kept(url) if clock else nullcontext()
    async with keeping, worker.beside(settings, url, room) if working else nullcontext():
        yield


def brought_up(settings: Settings, url: str) -> None:
    """Migrate, and seed if this is a demo: what the first start needs."""
    with notes.status("Preparing the database ..."):
        asyncio.run(migrated(settings, url))
    if settings.demo:
        asyncio.run(seed(settings, url))


async def seed(settings: Settings, url: str, members: int = 60, invoices: int = 15) -> bool:
    """Seed the demo, unless it is there. Whether it was done now."""
    async with connected(url, pool=1, orm=False) as database, database.connection() as connection:
        if await demo.seeded(connection):
            return False
        with progress() as told:
            await demo.seed(
                connection,
                now=now(),
                secret=settings.secret().encode(),
                members=members,
                invoices=invoices,
                progress=told,
            )
        return True


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each kind of thing, told by name how many there are and of how many."""
    bars = Progress(
        TextColumn("Seeding {task.description}"), BarColumn(), MofNCompleteColumn(), console=notes, transient=True
    )
    with bars:
        known: dict[str, int] = {}

        def told(what: str, count: int, of: int) -> None:
            if what not in known:
                known[what] = int(bars.add_task(what))
            bars.update(known[what], completed=count, total=of)  # type: ignore[arg-type]  # TaskID is an int

        yield told


def welcome(settings: Settings) -> None:
    """Where to go, and as whom."""
    typer.echo(f"\nPurser answers at {settings.public_url}\n")
    for name, path in (("Page", ""), ("GraphiQL", "/graphiql"), ("API", "/graphql")):
        typer.echo(f"  {name:<8}  {settings.public_url}{path}")
    if settings.demo and settings.smtp_url is None:
        typer.echo(f"  Mails     {settings.public_url}/dev/inbox")
    if settings.gateway == "sandbox":
        typer.echo(f"  Sandbox   {gateways.place(settings)()}   cards are played: no money moves")
    typer.echo("")
    if settings.demo:
        typer.echo("This is a demo. These people may look at it; `python -m purser demo` shows their keys.\n")
        people(demo.accounts(settings.secret().encode()), secrets=False)
        typer.echo("")
    typer.echo("Press Ctrl-C to stop.")


def people(accounts: list[demo.Account], *, secrets: bool = True) -> None:
    """Print the demo's accounts, with what they sign in with or without it: whole, however narrow the terminal."""
    for account in accounts:
        roles = ", ".join(f"{' and '.join(held)} in {slug}" for slug, held in account.roles.items())
        typer.echo(f"  {account.email:<18}  {roles}")
        if secrets:
            typer.echo(f"    password  {account.password}\n    API key   {account.api_key}")
