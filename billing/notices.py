"""Whom to write to about the money: the billing managers, or the owners where there are none."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from billing.change import Change
from billing.documents import wording
from billing.rules.money import Money
from mailer import messages
from mailer.outbox import Letter
from models import Role
from models.transactions import rows

TO = """
select u.email, g.role from role_grant g join user_account u on u.id = g.user_id
where g.organization_id = $1 and g.role in ('BILLING_MANAGER', 'OWNER') order by g.since, g.id
"""


async def tell(org: Change, write: Callable[[str, str], Letter]) -> None:
    """Send each of them the letter that is written for his address and the organization's name."""
    found = await rows(TO, org.id)
    managers = [row["email"] for row in found if row["role"] == Role.BILLING_MANAGER]
    for email in managers or [row["email"] for row in found]:
        org.mail(write(email, org.organization.name))


def spelled(amount: Money) -> str:
    """An amount, as letters and documents write it."""
    return wording.amount(amount)


async def changed(org: Change, plan: str, seats: int, at: datetime) -> None:
    """That the subscription is another now, or will be."""
    await tell(org, partial(messages.subscription_changed, plan=plan, seats=wording.count(seats), at=at))
