"""Globex K.K.: a small tenant in Japan that bought a year in advance, by bank transfer and in yen."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from billing.gateways.gateway import GatewayKind
from billing.invoices import Issue
from billing.rules.calendar import Period
from billing.rules.proration import Line, change
from models import (
    ActivityKind,
    BankPayment,
    BankPaymentStatus,
    BillingActivityKind,
    BillingInterval,
    BillingMode,
    BillingProfile,
    PaymentMethod,
    PaymentMethodKind,
    PlanSubscription,
    SubscriptionStatus,
)
from models.roles import Role
from purser.demo import work
from purser.demo.accounts import PEOPLE
from purser.demo.bills import counter, invoice
from purser.demo.book import Actor, Book, Made, by
from purser.demo.catalogue import Catalogue, Tariff
from purser.demo.company import Company
from purser.demo.events import event
from purser.demo.payments import payment
from purser.demo.people import found, grant, join, user
from purser.demo.usage import Load, usage

MEMBERS, SEATS, MORE = 14, 12, 6
TEAMS = ["Mobile", "Payments", "Research"]
PROJECTS = ["Wallet", "Merchant API", "Fraud signals", "Receipts", "Currency rates"]
CHANGES = [
    (88.3, ActivityKind.SETTINGS_CHANGED, "Time zone"),
    (17.8, ActivityKind.PROJECT_RENAMED, "Fraud signals"),
]
CARRIED = Load(requests=(21_000, 46_000), stored=(3_100, 9_400))
BOUGHT_DAYS, EXTENDED_DAYS = 304, 121
TRANSFERRED = timedelta(days=4)


def tell(book: Book, plans: Catalogue, users: dict[str, UUID]) -> None:
    """Add the company."""
    at = book.ago(900)
    id_ = found(book, "globex", "Globex 株式会社", at)
    company = Company(id_, "globex.test", at, "JPY", "JP", "T1234567890123", "GX")
    names = {email: name for email, name, _ in PEOPLE}
    places = {0: "owner@globex.test", 2: "mixed@acme.test"}
    known = {place: (users[email], names[email]) for place, email in places.items()}
    teams = work.teams(book, company, TEAMS)
    for _ in join(book, company, MEMBERS, known, teams):
        work.settings(book, company, "Asia/Tokyo", ["globex.test", "globex.jp.test"])
    work.projects(book, company, PROJECTS, teams)
    work.changes(book, company, CHANGES)
    usage(book, company, CARRIED)
    owner: Actor = (users["owner@globex.test"], Role.OWNER)
    manager = user(book, "鈴木 陽子", "yoko.suzuki@globex.test", book.ago(600))
    grant(book, company, manager, Role.BILLING_MANAGER, book.ago(290), owner)
    bills(book, company, plans["basic", BillingInterval.YEAR, "JPY"], owner, (manager, Role.BILLING_MANAGER))


def bills(book: Book, company: Company, plan: Tariff, owner: Actor, manager: Actor) -> None:
    """Add a year that was bought, and more seats for the rest of it."""
    bought = book.ago(BOUGHT_DAYS).replace(hour=0, minute=0, second=0)
    bought = bought.replace(day=min(bought.day, 28))
    year = Period(bought, bought.replace(year=bought.year + 1))
    subscription(book, company, plan, year)
    account = bank(book, company, owner)
    profile(book, company, owner)
    extended = book.ago(EXTENDED_DAYS)
    event(book, company, BillingActivityKind.SUBSCRIPTION_CHANGED, bought, owner)
    first, more = plan.state(SEATS, year), plan.state(SEATS + MORE, year)
    transfer(book, company, account, change(None, first, bought).lines, bought, owner)
    transfer(book, company, account, change(first, more, extended).lines, extended, manager)
    counter(book, company)


def transfer(
    book: Book, company: Company, account: Made, lines: Sequence[Line], at: datetime, requested: Actor
) -> None:
    """Add an invoice that was asked for, and the money that a bank told of."""
    reference = f"{company.mark}{company.invoices + 1:08d}"
    claim = invoice(book, company, lines, at, Issue(requested=requested, transfer_reference=reference))
    came = at + TRANSFERRED
    row = payment(book, company, claim, account, came)
    book.add(
        BankPayment,
        came,
        bank_reference=f"demo-{reference}",
        text=reference,
        amount=row["amount"],
        currency=row["currency"],
        booked_on=came.date(),
        status=BankPaymentStatus.MATCHED,
        organization_id=company.id,
        payment_id=row["id"],
        received_at=came,
    )


def subscription(book: Book, company: Company, plan: Tariff, year: Period) -> None:
    """Add what is bought."""
    book.add(
        PlanSubscription,
        year.start,
        organization_id=company.id,
        plan_id=plan.plan_id,
        price_id=plan.price_id,
        currency=plan.currency,
        status=SubscriptionStatus.ACTIVE,
        mode=BillingMode.FIXED,
        seats_purchased=SEATS + MORE,
        seats_used=len(company.workers),
        seats_reserved=0,
        anchor_at=year.start,
        current_period_start=year.start,
        current_period_end=year.end,
        auto_renew=False,
        created_at=year.start,
    )


def bank(book: Book, company: Company, owner: Actor) -> Made:
    """Add the account that pays."""
    at = book.ago(BOUGHT_DAYS + 1)
    made = book.add(
        PaymentMethod,
        at,
        organization_id=company.id,
        kind=PaymentMethodKind.BANK_TRANSFER,
        gateway=GatewayKind.TRANSFER,
        gateway_reference="demo_transfer",
        last4="7731",
        is_default=True,
        added_at=at,
        **by("added", owner),
    )
    event(book, company, BillingActivityKind.PAYMENT_METHOD_ADDED, at, owner, payment_method=made)
    return made


def profile(book: Book, company: Company, owner: Actor) -> None:
    """Add whom invoices are addressed to."""
    at = book.ago(BOUGHT_DAYS + 1.1)
    company.profile = book.add(
        BillingProfile,
        at,
        organization_id=company.id,
        name="Globex 株式会社",
        email="keiri@globex.test",
        address_lines=["丸の内 1-2-3", "グローベックスビル 8F"],
        postal_code="100-0005",
        city="東京都千代田区",
        country=company.country,
        tax_id=company.tax_id,
    )
    event(book, company, BillingActivityKind.BILLING_PROFILE_CHANGED, at, owner)
