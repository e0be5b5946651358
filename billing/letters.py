"""Letters about invoices and payments: to the billing managers, and to whom else it concerns."""

from collections.abc import Callable, Iterable
from datetime import datetime

from billing.change import Change
from billing.documents import wording
from billing.rules.money import Money
from billing.rules.references import spelled
from mailer import messages
from mailer.outbox import Letter
from models import BillingProfile, Invoice, Payment
from models.transactions import rows

MANAGERS = """
select u.email from role_grant g join user_account u on u.id = g.user_id
where g.organization_id = $1 and g.role = 'BILLING_MANAGER' order by g.since, g.id
"""


async def receipt(org: Change, payment: Payment, invoice: Invoice) -> None:
    """Money came for an invoice: to the billing managers, and to who paid."""
    amount = wording.amount(Money(payment.amount, payment.currency))
    payer = await rows("select email from user_account where id = $1", payment.made_by_id)
    for to in await _addressed(org, [row["email"] for row in payer]):
        org.mail(messages.receipt(to, org.organization.name, str(invoice.number), amount))


async def invoice(org: Change, claim: Invoice) -> None:
    """Something is to be paid: to where invoices are sent, and to the billing managers."""
    await _claimed(org, claim, messages.invoice, claim.due_at or org.now)


async def reminder(org: Change, claim: Invoice, until: datetime) -> None:
    """It was not paid in time: to the same."""
    await _claimed(org, claim, messages.invoice_reminder, until)


async def _claimed(org: Change, claim: Invoice, write: Callable[..., Letter], at: datetime) -> None:
    amount = wording.amount(Money(claim.amount_due, claim.currency))
    reference = spelled(claim.transfer_reference) if claim.transfer_reference else None
    for to in await _addressed(org, await _profile(org)):
        org.mail(write(to, org.organization.name, str(claim.number), amount, at, reference))


async def _profile(org: Change) -> list[str]:
    profile = await org.maybe(BillingProfile)
    return [profile.email] if profile else []


async def _addressed(org: Change, others: Iterable[str]) -> list[str]:
    """Each address once."""
    managers = [row["email"] for row in await rows(MANAGERS, org.id)]
    return list({email.casefold(): email for email in (*others, *managers)}.values())
