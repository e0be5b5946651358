"""`python -m purser payments`: what came at the bank is booked, line by line or from a file, and put right."""

import asyncio
import csv
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Column, Table

from billing import transfers
from billing.documents import wording
from billing.room import Room, now
from billing.rules.money import Money
from billing.transfers import Booked, Line
from models import BankPayment, BankPaymentStatus, Invoice
from purser import rooms
from purser.databases import reached
from purser.jobs import on_database
from purser.settings import load
from schema import ids
from schema.declare import NOUNS

T = TypeVar("T")
commands = typer.Typer(help="Transfers: what came at the bank.", no_args_is_help=True)
out, notes = Console(), Console(stderr=True)
COLUMNS = ("reference", "text", "amount", "currency", "date")
LONGEST, MOST = 1000, 200
WIDE = 240
File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE.csv",
        help="A CSV file in UTF-8: reference,text,amount,currency,date.",
        exists=True,
        dir_okay=False,
    ),
]


class WrongLineError(ValueError):
    """A line that cannot be booked; the message says why."""


@dataclass
class Told:
    """What became of a file's lines."""

    matched: int = 0
    unmatched: int = 0
    wrong: int = 0


@commands.command("book")
def book_(
    reference: Annotated[str, typer.Option(help="The bank's own name for it; the same again is booked once.")],
    text: Annotated[str, typer.Option(help="What the payer wrote.")],
    amount: Annotated[str, typer.Option(help="How much, as people write it: 12.50.")],
    currency: Annotated[str, typer.Option(help="Of the account, by ISO 4217.")],
    day: Annotated[
        str | None, typer.Option("--date", help="When the bank booked it: 2026-01-31; today if not given.")
    ] = None,
) -> None:
    """Book a transfer that came: on the invoice whose reference its text names, or to be matched by hand."""
    try:
        found = line([reference, text, amount, currency, day or now().date().isoformat()])
    except WrongLineError as error:
        raise typer.BadParameter(str(error)) from None
    told(within(lambda room: transfers.book(room, found)))


@commands.command("import")
def import_(file: File) -> None:
    """Book a bank's statement; a line that is wrong stops no other. Exit code 1 if there was one."""
    done = within(lambda room: imported(room, file))
    out.print(f"Matched: {done.matched}. Unmatched: {done.unmatched}. Wrong: {done.wrong}.")
    if done.wrong:
        raise typer.Exit(1)


@commands.command()
def unmatched() -> None:
    """Show the transfers that pay no invoice yet, oldest first."""
    found = on_database(
        lambda: BankPayment.filter(status=BankPaymentStatus.UNMATCHED).order_by("received_at", "id").limit(MOST)
    )
    if not found:
        out.print("No transfer waits.")
        return
    table = Table(Column("Reference", no_wrap=True), "Date", "Amount", "Text", box=None, pad_edge=False)
    for one in found:
        amount = wording.amount(Money(one.amount, one.currency))
        table.add_row(escape(one.bank_reference), one.booked_on.isoformat(), amount, escape(one.text))
    Console(width=None if out.is_terminal else WIDE).print(table)


@commands.command()
def match(
    reference: Annotated[
        str, typer.Argument(metavar="REFERENCE", help="The bank's own name for it, as `payments unmatched` shows it.")
    ],
    invoice: Annotated[str, typer.Argument(metavar="INVOICE_ID", help="The id of the invoice that it pays: inv_...")],
) -> None:
    """Book a transfer that waits on an open invoice of its currency."""
    told(within(lambda room: matched(room, reference, invoice)))


def within(do: Callable[[Room], Awaitable[T]]) -> T:
    """Do it on the settings' database."""
    settings = load()
    with reached(settings) as url:
        return asyncio.run(rooms.within(settings, url, do))


def told(booked: Booked) -> None:
    """Where the money is now."""
    matched = booked.status == BankPaymentStatus.MATCHED
    out.print(f"It pays invoice {booked.number}." if matched else "It waits: see `payments unmatched`.")


async def matched(room: Room, reference: str, invoice: str) -> Booked:
    """Raises BadParameter for what there is not."""
    prefix, key = ids.read(invoice) or ("", UUID(int=0))
    found = await Invoice.get_or_none(id=key) if prefix == NOUNS["Invoice"].prefix else None
    if found is None:
        raise typer.BadParameter(f"{invoice} is the id of no invoice.")
    if not reference.isprintable() or not await BankPayment.exists(bank_reference=reference):
        raise typer.BadParameter(f"No transfer is called {reference}.")
    return await transfers.match(room, reference, found)


async def imported(room: Room, file: Path) -> Told:
    """Book each line; what is wrong with one is told on standard error, by its number alone."""
    done = Told()
    lines = list(read(file))
    for number, fields in track(lines, "Booking", console=notes, transient=True, disable=not notes.is_terminal):
        try:
            booked = await transfers.book(room, line(fields))
        except WrongLineError as error:
            done.wrong += 1
            typer.echo(f"Line {number}: {error}", err=True)
            continue
        if booked.status == BankPaymentStatus.MATCHED:
            done.matched += 1
        else:
            done.unmatched += 1
    return done


def read(file: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines of a file with their numbers, its head aside. Raises BadParameter for what is no such file."""
    try:
        rows = csv.reader(file.read_text(encoding="utf-8-sig").splitlines(keepends=True))
        if tuple(name.strip().lower() for name in next(rows, [])) != COLUMNS:
            raise typer.BadParameter(f"The first line must be {','.join(COLUMNS)}.")
        yield from ((rows.line_num, fields) for fields in rows if fields)
    except (UnicodeDecodeError, csv.Error):
        raise typer.BadParameter("The file is no CSV in UTF-8.") from None


def line(fields: list[str]) -> Line:
    """A line of a statement. Raises WrongLineError."""
    if len(fields) != len(COLUMNS):
        raise WrongLineError(f"has {len(fields)} columns, not {len(COLUMNS)}.")
    reference, text, amount, currency, day = (field.strip() for field in fields)
    if not 0 < len(reference) <= LONGEST or not reference.isprintable():
        raise WrongLineError("needs the bank's reference.")
    try:
        money = Money.exactly(Decimal(amount), currency)
        booked_on = date.fromisoformat(day)
    except (ArithmeticError, ValueError):
        raise WrongLineError("has a wrong amount, currency or date.") from None
    if not 0 < money.amount < 2**53:
        raise WrongLineError("has no amount above zero.")
    readable = text.encode(errors="replace").decode().replace("\0", " ")  # arguments may be no UTF-8
    return Line(reference, " ".join(readable.split())[:LONGEST], money, booked_on)
