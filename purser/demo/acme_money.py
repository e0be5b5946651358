"""What Acme has bought, what it pays with, and who looks after it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256

from billing.gateways.gateway import GatewayKind
from billing.rules.calendar import Period
from models import (
    BillingActivityKind,
    BillingInterval,
    BillingInvitation,
    BillingMode,
    BillingProfile,
    InvitationStatus,
    PaymentMethod,
    PaymentMethodKind,
    PlanSubscription,
    RoleGrant,
    ScheduledChange,
    SubscriptionStatus,
)
from purser.demo.book import Actor, Book, Made, by
from purser.demo.catalogue import Catalogue, Tariff
from purser.demo.company import Company
from purser.demo.events import event

MONTHS = 12
UPGRADED = -7  # so many months from the present one the plan was changed
FEWER = 3
INVITED = timedelta(days=7)


@dataclass
class Money:
    """The company's money while it is told; `who` names those who act."""

    book: Book
    company: Company
    plans: Catalogue
    who: dict[str, Actor]

    @cached_property
    def now_from(self) -> datetime:
        """The start of the present month of the term: nine days ago, or a few more so that every month has the day."""
        day = self.book.ago(9)
        return day.replace(day=min(day.day, 28), hour=0, minute=0, second=0)

    def start(self, month: int) -> datetime:
        """When that month began; 0 is the present one."""
        count = self.now_from.year * 12 + self.now_from.month - 1 + month
        return self.now_from.replace(year=count // 12, month=count % 12 + 1)

    def period(self, month: int) -> Period:
        return Period(self.start(month), self.start(month + 1))

    @property
    def upgraded_at(self) -> datetime:
        return self.start(UPGRADED) + timedelta(days=12)

    def tariff(self, key: str) -> Tariff:
        return self.plans[key, BillingInterval.MONTH, self.company.currency]


def subscription(money: Money, seats: int) -> None:
    """Add what is bought now, and that it will be three seats fewer."""
    book, company, now = money.book, money.company, money.period(0)
    began = money.start(1 - MONTHS)
    plan = money.tariff("professional")
    what = {"organization_id": company.id, "plan_id": plan.plan_id, "currency": company.currency}
    made = book.add(
        PlanSubscription,
        began,
        **what,
        price_id=plan.price_id,
        status=SubscriptionStatus.ACTIVE,
        mode=BillingMode.FLEXIBLE,
        seats_purchased=seats,
        seats_used=len(company.workers),
        seats_reserved=0,
        anchor_at=began,
        current_period_start=now.start,
        current_period_end=now.end,
        auto_renew=True,
        trial_start=began - timedelta(days=14),
        trial_end=began,
        created_at=began - timedelta(days=14),
    )
    at = book.ago(5.2)
    then = {"effective_at": now.end, "interval": plan.interval, "seats": seats - FEWER, "created_at": at}
    book.add(ScheduledChange, at, **what, subscription_id=made["id"], **then)
    changed = BillingActivityKind.SUBSCRIPTION_CHANGED
    event(book, company, changed, began, money.who["owner"])
    event(book, company, changed, at, money.who["admin"])


def profile(money: Money) -> None:
    """Add whom invoices are addressed to."""
    changed = money.book.ago(370.4)
    money.company.profile = money.book.add(
        BillingProfile,
        changed,
        organization_id=money.company.id,
        name="Acme Rockets GmbH",
        email="invoices@acme.test",
        address_lines=["Raketenstraße 7", "Hangar 3"],
        postal_code="28199",
        city="Bremen",
        country=money.company.country,
        tax_id=money.company.tax_id,
        purchase_order="AR-IT-4711",
    )
    event(money.book, money.company, BillingActivityKind.BILLING_PROFILE_CHANGED, changed, money.who["both"])


def methods(money: Money) -> tuple[Made, Made]:
    """Add the card of the early years, which was removed, and today's two; gives the first and the default one."""
    replaced = money.start(UPGRADED + 1) + timedelta(days=3, hours=10)
    first = method(money, ("amex", "0005"), money.company.founded + timedelta(days=200), "gone", expires=replaced)
    first["removed_at"] = replaced + timedelta(minutes=3)
    card = method(money, ("visa", "4242"), replaced, "billing", expires=money.book.now + timedelta(days=800))
    card["is_default"] = True
    last = money.book.now.replace(day=1) + timedelta(days=32)
    method(money, ("mastercard", "4444"), money.book.ago(300), "owner", expires=last)
    removed = BillingActivityKind.PAYMENT_METHOD_REMOVED
    event(money.book, money.company, removed, first["removed_at"], money.who["billing"], payment_method=first)
    return first, card


def method(money: Money, card: tuple[str, str], at: datetime, who: str, expires: datetime) -> Made:
    """Add a card: brand and last digits."""
    made = money.book.add(
        PaymentMethod,
        at,
        organization_id=money.company.id,
        kind=PaymentMethodKind.CARD,
        gateway_reference=f"tok_{card[0]}?exp={expires:%Y-%m}&last4={card[1]}",  # good in the sandbox
        gateway=GatewayKind.SANDBOX,
        billing_name="Acme Rockets GmbH",
        brand=card[0],
        last4=card[1],
        exp_month=expires.month,
        exp_year=expires.year,
        is_default=False,
        added_at=at,
        **by("added", money.who[who]),
    )
    added = BillingActivityKind.PAYMENT_METHOD_ADDED
    event(money.book, money.company, added, at, money.who[who], payment_method=made)
    return made


def invitations(money: Money) -> None:
    """Add who was asked to look after the money: one came, one did not, one may still; and one was removed."""
    book, company = money.book, money.company
    accepted = invited(money, "billing@acme.test", 245.3, "admin", InvitationStatus.ACCEPTED)
    since = book.ago(243.9)
    billing = money.who["billing"]
    of = {"organization_id": company.id, "user_id": billing[0], "role": billing[1]}
    book.add(RoleGrant, since, **of, since=since, **by("granted", money.who["admin"]))
    event(book, company, BillingActivityKind.BILLING_MANAGER_JOINED, since, billing, invitation=accepted)
    event(book, company, BillingActivityKind.BILLING_MANAGER_REMOVED, book.ago(48.2), money.who["owner"])
    invited(money, "thea.brandt@weber-tax.test", 33.4, "both", InvitationStatus.PENDING)
    invited(money, "finance@acme.test", 1.9, "billing", InvitationStatus.PENDING)


def invited(money: Money, email: str, days: float, who: str, status: InvitationStatus) -> Made:
    """Add an invitation sent so many days ago; a pending one that is a week old counts as expired."""
    at = money.book.ago(days)
    made = money.book.add(
        BillingInvitation,
        at,
        organization_id=money.company.id,
        email=email,
        email_key=email,
        status=status,
        token_digest=sha256(money.book.random.randbytes(32)).digest(),
        created_at=at,
        expires_at=at + INVITED,
        **by("invited", money.who[who]),
    )
    event(money.book, money.company, BillingActivityKind.BILLING_MANAGER_INVITED, at, money.who[who], invitation=made)
    return made
