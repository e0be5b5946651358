"""`python -m purser refund`: an operator gives back what was paid, by card or by credit."""

import asyncio
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import typer

from billing import credit_notes, refunds
from billing.documents import wording
from billing.errors import RefundTooLarge
from billing.room import Room
from billing.rules.money import Money
from models import Invoice, Payment
from purser import rooms
from purser.databases import reached
from purser.settings import load
from schema import ids
from schema.declare import NOUNS

LONGEST = 200


def refund(
    paid: Annotated[
        str, typer.Argument(metavar="PAYMENT_ID", help="A payment's id; or an invoice's that credits paid.")
    ],
    amount: Annotated[str | None, typer.Option(help="How much, as people write it: 12.50.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why; the customer can read it.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All that is left.")] = False,
) -> None:
    """Give back a payment, or a part of it, with a credit note; what credits paid becomes credit again."""
    if (amount is None) != everything:
        raise typer.BadParameter("Say --amount or --all.")
    if reason is not None and not (0 < len(reason) <= LONGEST and reason.isprintable()):
        raise typer.BadParameter(f"A reason has at most {LONGEST} characters, none of them a control.")
    settings = load()
    with reached(settings) as url:
        typer.echo(asyncio.run(rooms.within(settings, url, lambda room: given_back(room, paid, amount, reason))))


async def given_back(room: Room, paid: str, amount: str | None, reason: str | None) -> str:
    """What was done, in words. Raises BadParameter."""
    prefix, key = ids.read(paid) or ("", UUID(int=0))
    try:
        if prefix == NOUNS["Invoice"].prefix and (invoice := await Invoice.get_or_none(id=key)):
            asked = exactly(amount, invoice.currency)
            note = await credit_notes.give_back(room, None, invoice.organization_id, None, key, asked)
            return f"{wording.amount(Money(note.amount, invoice.currency))} is credit again."
        if prefix == NOUNS["Payment"].prefix and (payment := await Payment.get_or_none(id=key)):
            asked = exactly(amount, payment.currency)
            begun = await refunds.ask(room, None, payment.organization_id, None, key, asked, reason)
            told = wording.amount(Money(begun.amount, payment.currency))
            return f"{told} goes back, as soon as a worker sees to it: {ids.write('re', begun.refund_id)}."
    except RefundTooLarge:
        raise typer.BadParameter("So much is not left of it.") from None
    raise typer.BadParameter(f"{paid} is the id of no payment, and of no invoice.")


def exactly(text: str | None, currency: str) -> Money | None:
    """An amount as people write it; none for all. Raises BadParameter, also for more decimals than the currency has."""
    if text is None:
        return None
    try:
        found = Money.exactly(Decimal(text), currency)
    except (ArithmeticError, ValueError):
        raise typer.BadParameter(f"{text} is no amount in {currency}.") from None
    if found.amount <= 0:
        raise typer.BadParameter(f"{text} is not above zero.")
    return found
