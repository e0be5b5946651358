"""Cards about to expire: looked at again, since a network may have renewed them, and warned of by mail."""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from billing import notices, payment_methods
from billing.change import Change, change
from billing.gateways.gateway import GatewayKind, GatewayUnavailable
from billing.payment_methods import Entry, Fetched
from billing.recurring import again
from billing.room import Room
from billing.rules.expiry import card_end, warned
from mailer import messages
from models import BillingActivityKind, Job, PaymentMethod, queue
from models.queue import Claimed, TryLater
from models.transactions import rows

EXPIRY = "card_expiry"
LOOK = "look_at_card"
DAY = timedelta(days=1)
AHEAD, BEHIND = timedelta(days=30), timedelta(days=31)  # a network renews a card when it expires, too

# By the last month of each: the first one that is far enough away is left out.
DUE = """
select id, organization_id from payment_method
where removed_at is null and gateway <> $1 and exp_year is not null
  and (exp_year, exp_month) >= ($2, $3) and (exp_year, exp_month) < ($4, $5)
order by id
"""


async def begin(room: Room, _job: Claimed) -> None:
    """Have each card looked at that expires soon, or has just expired; again tomorrow."""
    now = room.clock()
    since, until = now - BEHIND, now + AHEAD
    due = await rows(DUE, GatewayKind.TRANSFER, since.year, since.month, until.year, until.month)
    await queue.put([_look(room, now, row["organization_id"], row["id"]) for row in due])
    await again(room, EXPIRY, now + DAY)


def _look(room: Room, now: datetime, organization: UUID, method: UUID) -> Job:
    return queue.job(room.ids(now), LOOK, now, {"method": str(method)}, organization=organization)


async def look(room: Room, job: Claimed) -> None:
    """See what the gateway says of one card, then warn if it is time. Raises TryLater."""
    if job.organization_id is None:
        raise ValueError("A card belongs to an organization.")
    try:
        await look_at(room, job.organization_id, UUID(job.payload["method"]))
    except GatewayUnavailable:
        raise TryLater("The gateway does not answer.") from None


async def look_at(room: Room, organization: UUID, method_id: UUID) -> None:
    """The same at once. Raises GatewayUnavailable."""
    method = await PaymentMethod.get(organization_id=organization, id=method_id)
    fetched = await payment_methods.seen(room, payment_methods.kept(method))
    await warn(room, None, organization, None, method.id, fetched)


@change(None)
async def warn(org: Change, method_id: UUID, fetched: Fetched | None) -> Entry:
    """Write down what was said, and warn once a month ahead and once a week ahead."""
    method = await org.one(PaymentMethod, id=method_id)
    if method.removed_at is None:
        if fetched and payment_methods.renewed(method, fetched.method.card):
            await payment_methods.told(org, method, BillingActivityKind.PAYMENT_METHOD_CHANGED)
        await _warned(org, method)
        await method.save()
    return Entry(method.id)


async def _warned(org: Change, method: PaymentMethod) -> None:
    if method.exp_year is None or method.exp_month is None:
        return
    days = warned(method.exp_year, method.exp_month, org.now)
    if days is None or (method.warned_days is not None and method.warned_days <= days):
        return
    method.warned_days = days
    said = {"brand": method.brand or "", "last4": method.last4 or ""}
    end = card_end(method.exp_year, method.exp_month)
    await notices.tell(org, partial(messages.card_expires, **said, expires_at=end))
