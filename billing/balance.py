"""Credits: granted, spent on invoices, given back, gone when their time is over."""

from collections.abc import Sequence
from uuid import UUID

from billing import ledger
from billing.change import Change, change
from billing.rules import ledger as books
from billing.rules.credits import Spent, expiry, returned_expiry
from billing.rules.ledger import Entries
from billing.rules.money import Money
from models import BillingActivityKind, Credit, CreditReason, CreditUse, Invoice, PostingKind
from models.changes import ChangeKind
from models.transactions import rows

TAKE = """
update credit set remaining = remaining - $3
where organization_id = $1 and id = $2 and remaining >= $3 returning id
"""
GIVE = "update credit set remaining = remaining + $3, expires_at = $4 where organization_id = $1 and id = $2"


async def grant(
    org: Change, amount: Money, reason: CreditReason, entries: Entries, invoice: UUID | None = None
) -> UUID:
    """A new credit, booked by these sides; it expires at the end of the third year after this one."""
    credit = await org.create(
        Credit,
        amount=amount.amount,
        remaining=amount.amount,
        currency=amount.currency,
        reason=reason,
        granted_at=org.now,
        expires_at=expiry(org.now),
    )
    await ledger.post(org, PostingKind.CREDIT_GRANTED, entries, credit_id=credit.id, invoice_id=invoice)
    await org.record(BillingActivityKind.CREDIT_GRANTED)
    org.changed(ChangeKind.PAYMENTS)
    return credit.id


async def spend(org: Change, invoice: UUID, spent: Sequence[Spent]) -> None:
    """Pay an invoice so far. Raises ValueError if a credit has less by now, which the lock rules out."""
    for one in spent:
        if not await rows(TAKE, org.id, one.credit_id, one.amount.amount):
            raise ValueError("The credit has less.")
        await ledger.post(
            org, PostingKind.CREDIT_USED, books.used(one.amount), credit_id=one.credit_id, invoice_id=invoice
        )
    uses = [
        {"credit_id": one.credit_id, "invoice_id": invoice, "amount": one.amount.amount, "returned": 0} for one in spent
    ]
    await org.create_all(CreditUse, uses)


async def returnable(org: Change, invoice: Invoice) -> Money:
    """What an invoice took of credits, and did not give back."""
    uses = await CreditUse.filter(organization_id=org.id, invoice_id=invoice.id)
    return Money(sum(use.amount - use.returned for use in uses), invoice.currency)


async def give_back(org: Change, invoice: UUID, most: Money) -> Money:
    """Return what an invoice took of credits, up to so much, what was spent last first; gives how much it was."""
    await gone(org)  # or what is over its time would come back with it
    left = most
    for use in await CreditUse.filter(organization_id=org.id, invoice_id=invoice).order_by("-id"):
        amount = min(left, Money(use.amount - use.returned, most.currency))
        if amount.amount > 0:
            credit = await org.one(Credit, id=use.credit_id)
            until = returned_expiry(credit.expires_at, org.now)
            await rows(GIVE, org.id, credit.id, amount.amount, until)
            use.returned += amount.amount
            await use.save(update_fields=["returned"])
            await ledger.post(
                org, PostingKind.CREDIT_RETURNED, books.overpaid(amount), credit_id=credit.id, invoice_id=invoice
            )
            left -= amount
    return most - left


@change(None)
async def expire(org: Change) -> int:
    """Book out what is over its time; gives how many there were."""
    return await gone(org)


async def gone(org: Change) -> int:
    """The same, as a part of another change."""
    found = await Credit.filter(organization_id=org.id, remaining__gt=0, expires_at__lte=org.now).order_by("id")
    for credit in found:
        amount = Money(credit.remaining, credit.currency)
        credit.remaining = 0
        await credit.save(update_fields=["remaining"])
        await ledger.post(org, PostingKind.CREDIT_EXPIRED, books.expired(amount), credit_id=credit.id)
    if found:
        org.changed(ChangeKind.PAYMENTS)
    return len(found)
