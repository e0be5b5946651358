"""The money of the worlds: subscription, methods, invoices, payments, credits, invitations, activity, usage."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import models
from models import (
    BillingActivityKind,
    BillingInterval,
    BillingMode,
    CreditReason,
    InvitationStatus,
    InvoiceStatus,
    LineKind,
    Metric,
    PaymentMethodKind,
    PaymentStatus,
    RefundStatus,
    SubscriptionStatus,
)
from purser.demo.catalogue import Catalogue, Tariff
from purser.demo.papers import column
from tests import world_papers
from tests.world_books import Books
from tests.world_names import BILLING, NOW, Made, drawn, moment, number, word
from tests.world_people import STORED, Cast, by, reserved

T = TypeVar("T")

# Methods, invoices, payments, credits, invitations, days of usage; activities follow from the actors.
AMOUNTS = {"acme": (6, 45, 45, 7, 9, 12), "globex": (2, 4, 4, 2, 3, 5)}
ACTORS = 9
CURRENCIES = {7: "JPY", 11: "KWD"}
TAX_RATES = (700, 1900)
# How a payment stands that such an entry names, so that among the newest there is one of each.
STANDS = {
    BillingActivityKind.PAYMENT_FAILED: PaymentStatus.REQUIRES_ACTION,
    BillingActivityKind.PAYMENT_REFUNDED: PaymentStatus.REFUNDED,
}
SPENDING = {InvoiceStatus.OPEN, InvoiceStatus.PAID, InvoiceStatus.UNCOLLECTIBLE}


class Purse:
    """An organization's money while it is told: all of it is other where billing is."""

    def __init__(self, cast: Cast, plans: Catalogue) -> None:
        self.cast, self.tale, self.plans = cast, cast.tale, plans
        self.other = int(self.tale.other(BILLING))
        sizes = (size + self.other for size in AMOUNTS[self.tale.slug])
        self.methods, self.invoices, self.payments, self.credits, self.invitations, self.days = sizes
        self.books = Books(self.tale)
        self.issued = self.corrected = 0

    def label(self, what: str) -> str:
        return self.tale.label(what, BILLING)

    def text(self, what: str) -> str:
        return word(self.label(what))

    def turned(self, values: Sequence[T], place: int) -> T:
        """Each value in turn, beginning elsewhere where it is other."""
        return values[(place + self.other) % len(values)]

    @property
    def tariff(self) -> Tariff:
        if self.other:
            return self.plans["enterprise", BillingInterval.YEAR, "EUR"]
        return self.plans["professional", BillingInterval.MONTH, "USD"]


def money(cast: Cast, plans: Catalogue) -> None:
    """Add all of it."""
    purse = Purse(cast, plans)
    subscription(purse)
    addressed = profile(purse)
    methods = [method(purse, place) for place in range(purse.methods)]
    invoices = [invoice(purse, place) for place in range(purse.invoices)]
    for place in range(purse.credits):
        credit(purse, place, invoices)
    payments = [payment(purse, place, methods, invoices) for place in range(purse.payments)]
    settle(purse, invoices)
    printed(purse, addressed, invoices)
    invitations = [invitation(purse, place) for place in range(purse.invitations)]
    activity(purse, {"invoice": invoices, "payment": payments, "payment_method": methods, "invitation": invitations})
    for gone in range(purse.days):
        usage(purse, gone)


def subscription(purse: Purse) -> None:
    """Add what is bought, and what it will become."""
    other, plan = purse.other, purse.tariff
    start = NOW.replace(day=1 + other, hour=0)
    began = moment(purse.label("subscription began"))
    made = purse.tale.add(
        models.PlanSubscription,
        purse.label("subscription"),
        plan_id=plan.plan_id,
        price_id=plan.price_id,
        currency=plan.currency,
        status=SubscriptionStatus.PAST_DUE if other else SubscriptionStatus.ACTIVE,
        mode=BillingMode.FIXED if other else BillingMode.FLEXIBLE,
        seats_purchased=31 if other else 24,
        seats_used=len(purse.cast.members),
        seats_reserved=reserved(purse.tale),
        anchor_at=start.replace(month=3 + other),
        current_period_start=start,
        current_period_end=start + timedelta(days=30 + other),
        auto_renew=not other,
        trial_start=began - timedelta(days=14 + other),
        trial_end=began,
        cancel_at=start + timedelta(days=90 + other),
        created_at=began - timedelta(days=20),
    )
    then = purse.plans["free" if other else "basic", BillingInterval.MONTH if other else BillingInterval.YEAR, "EUR"]
    purse.tale.add(
        models.ScheduledChange,
        purse.label("scheduled change"),
        subscription_id=made["id"],
        effective_at=made["current_period_end"],
        plan_id=then.plan_id,
        currency=plan.currency,
        interval=then.interval,
        seats=27 if other else 19,
        created_at=moment(purse.label("scheduled")),
    )


def profile(purse: Purse) -> Made:
    return purse.tale.add(
        models.BillingProfile,
        purse.label("profile"),
        name=f"Company {purse.text('profile')}",
        email=f"{purse.text('profile email')}@{purse.tale.slug}.test",
        address_lines=[f"{purse.text(f'address {place}')} Street" for place in range(2 + purse.other)],
        postal_code=purse.text("postal code"),
        city=f"{purse.text('city')} City",
        country="FR" if purse.other else "DE",
        tax_id=purse.text("tax id"),
        purchase_order=purse.text("purchase order"),
    )


def method(purse: Purse, place: int) -> Made:
    """Add a payment method: the second is a bank's, the third a card that has expired, the last one is removed."""
    label = purse.label(f"method {place}")
    bank = place == 1
    row = purse.tale.add(
        models.PaymentMethod,
        label,
        kind=PaymentMethodKind.BANK_TRANSFER if bank else PaymentMethodKind.CARD,
        gateway_reference=f"sandbox_{word(f'{label} reference')}",
        brand=None if bank else f"visa {word(label)}",
        last4=f"{number(f'{label} digits', 0, 10_000):04d}",
        is_default=not place,
        added_at=moment(label),
        **by("added", purse.cast.any(place)),
    )
    row["removed_at"] = moment(f"{label} removed", 20, 1) if place == purse.methods - 1 else None
    if not bank:
        year = 2024 if place == 2 else 2027 + purse.other
        row |= {"exp_month": number(f"{label} month", 1, 13), "exp_year": year}
        row |= {name: word(f"{label} {name}") for name in ("customer", "fingerprint", "billing_name")}
    return row


def invoice(purse: Purse, place: int) -> Made:
    """Add an invoice with lines and tax; three share an instant."""
    label = purse.label(f"invoice {place}")
    status = purse.turned(list(InvoiceStatus), place)
    at = moment(purse.label(f"invoices {place // 3}"), 300, 2)
    row = purse.tale.add(
        models.Invoice,
        label,
        status=status,
        number=None,
        credit_applied=0,
        currency=CURRENCIES.get(place % 15, purse.tariff.currency),
        purchase_order=word(f"{label} purchase order") if place % 4 else None,
        created_at=at,
        **by("requested", purse.cast.any(place)),
    )
    if status is not InvoiceStatus.DRAFT:
        purse.issued += 1
        row["number"] = f"{word(label)}-{purse.issued:05d}"
        row["transfer_reference"] = None if place % 3 else word(f"{label} transfer")
        row |= {"issued_at": at + timedelta(minutes=1 + place), "due_at": at + timedelta(days=14 + purse.other)}
    charge(purse, label, row, 1 + place % 4)
    row |= {"paid_at": at + timedelta(days=3, hours=place)} if status is InvoiceStatus.PAID else {}
    row["amount_due"] = 0 if status is InvoiceStatus.VOID else row["total"]
    purse.books.invoice(label, row)
    return row


def settle(purse: Purse, invoices: list[Made]) -> None:
    """What is due when all was paid that was; and how many documents there are."""
    for place, row in enumerate(invoices):
        purse.books.given_up(purse.label(f"invoice {place}"), row)
        row["amount_due"] = 0 if row["status"] is InvoiceStatus.PAID else row["amount_due"]
    counts = {"invoices": purse.issued, "credit_notes": purse.corrected}
    purse.tale.add(models.DocumentCounter, purse.label("documents"), mark=purse.text("mark"), **counts)


def printed(purse: Purse, addressed: Made, invoices: list[Made]) -> None:
    """What is issued is on paper, and so is what corrects it."""

    def of(source: str, row: Made) -> list[Made]:
        return [part for part in purse.tale.rows[source] if part["invoice_id"] == row["id"]]

    for row in (one for one in invoices if one["number"]):
        paper = world_papers.invoice(addressed, row, of("invoice_line", row), of("tax_line", row))
        row["document"] = column(paper)
        for note in of("credit_note", row):
            note["document"] = world_papers.corrected(paper, note)


def charge(purse: Purse, label: str, row: Made, lines: int) -> None:
    """Add lines to an invoice, and tax at each rate on some of them; the sums are the invoice's."""
    of = {"invoice_id": row["id"], "currency": row["currency"]}
    nets = dict.fromkeys(TAX_RATES, 0)
    for position in range(lines):
        own = f"{label} line {position}"
        quantity, unit_amount = number(f"{own} quantity", 1, 90), number(own, 100, 90_000)
        nets[TAX_RATES[(position + purse.other) % 2]] += quantity * unit_amount
        start = row["created_at"] - timedelta(days=position)
        what = {
            "kind": purse.turned(list(LineKind), position),
            "plan_name": f"Plan {word(own)}",
            "interval": purse.turned(list(BillingInterval), position),
            "period_start": start,
            "period_end": start + timedelta(days=30 + purse.other),
        }
        sums = {"quantity": quantity, "unit_amount": unit_amount, "amount": quantity * unit_amount}
        purse.tale.add(models.InvoiceLine, own, **of, position=position, **what, **sums)
    row |= {"subtotal": sum(nets.values()), "tax": 0}
    for position, rate in enumerate(TAX_RATES):
        own = f"{label} tax {position}"
        amount = (2 * nets[rate] * rate + 10_000) // 20_000
        row["tax"] += amount
        sums = {"rate_basis_points": rate + purse.other, "net": nets[rate], "amount": amount}
        purse.tale.add(models.TaxLine, own, **of, position=position, name=f"Tax {word(own)}", **sums)
    row["total"] = row["subtotal"] + row["tax"]


def credit_note(purse: Purse, label: str, claim: Made) -> Made:
    own = f"{label} credit note"
    purse.corrected += 1
    total = number(own, 1, min(900, claim["amount_due"]))
    sums = {"total": total, "tax": total // 5, "subtotal": total - total // 5, "currency": claim["currency"]}
    of = {"invoice_id": claim["id"], "number": f"{word(own)}-{purse.corrected:05d}"}
    row = purse.tale.add(models.CreditNote, own, **of, **sums, issued_at=moment(own, 30, 1))
    purse.books.credit_note(own, row, claim)
    return row


def payment(purse: Purse, place: int, methods: list[Made], invoices: list[Made]) -> Made:
    """Add a payment, mostly with a method and for an invoice; three share an instant.

    It stands as its invoice does: what is paid has one that succeeded, what is given up one that went back.
    """
    label = purse.label(f"payment {place}")
    status = purse.turned(list(PaymentStatus), place)
    claim = invoices[place % len(invoices)] if place % 5 else None
    row = purse.tale.add(
        models.Payment,
        label,
        amount=claim["amount_due"] or claim["total"] if claim else number(label, 1_000, 900_000),
        refunded_amount=0,
        currency=claim["currency"] if claim else CURRENCIES.get(place % 15, purse.tariff.currency),
        status=status,
        created_at=moment(purse.label(f"payments {place // 3}"), 300, 1),
        payment_method_id=methods[place % len(methods)]["id"] if place % 7 else None,
        gateway_reference=word(f"{label} reference"),
        invoice_id=claim and claim["id"],
        **by("made", purse.cast.any(place)),
    )
    if status is PaymentStatus.FAILED:
        row["failure_code"] = f"declined_{word(f'{label} failure')}"
    if status is PaymentStatus.REQUIRES_ACTION:
        act = {"kind": word(f"{label} kind"), "secret": word(f"{label} secret")}
        act["url"] = f"https://bank.test/{word(f'{label} url')}"
        row |= {f"action_{name}": value for name, value in act.items()}
    purse.books.payment(label, row, claim)
    if status is PaymentStatus.REFUNDED:
        refund(purse, label, row, 0, row["amount"] // 3, claim)
        refund(purse, label, row, 1, row["amount"] - row["amount"] // 3, claim)
    if status is PaymentStatus.SUCCEEDED and claim and place % 2:
        note = credit_note(purse, label, claim)
        refund(purse, label, row, 0, note["total"], claim)["credit_note_id"] = note["id"]
    return row


def refund(purse: Purse, label: str, row: Made, place: int, amount: int, claim: Made | None) -> Made:
    own = f"{label} refund {place}"
    reason = None if place else f"Reason {word(own)}"
    of = {"payment_id": row["id"], "currency": row["currency"], "created_at": moment(own, 30, 1)}
    of |= {"gateway_reference": word(f"{own} reference"), "status": RefundStatus.SUCCEEDED}
    made = purse.tale.add(models.Refund, own, **of, amount=amount, reason=reason)
    row["refunded_amount"] += amount
    purse.books.refund(own, made, row, claim)
    return made


def credit(purse: Purse, place: int, invoices: list[Made]) -> None:
    """Add a credit, of which an invoice takes some; every second one expires, the first of them has."""
    label = purse.label(f"credit {place}")
    amount = number(label, 1_000, 90_000)
    granted = moment(purse.label(f"credits {place // 2}"))
    expires = NOW + timedelta(days=30 * (place - 1) + purse.other, hours=1 - place) if place % 2 else None
    what = {"currency": purse.tariff.currency, "reason": purse.turned(list(CreditReason), place)}
    row = purse.tale.add(
        models.Credit, label, **what, amount=amount, remaining=amount, granted_at=granted, expires_at=expires
    )
    claims = [one for one in invoices if one["status"] in SPENDING and one["currency"] == row["currency"]]
    purse.books.credit(label, row, claims[place:] or claims, number(f"{label} spent", 0, amount))


def invitation(purse: Purse, place: int) -> Made:
    """Add an invitation in each stored status; those that are a week old have expired."""
    label = purse.label(f"invitation {place}")
    email = f"{word(label)}@{purse.tale.slug}.test"
    at = moment(purse.label(f"invitations {place // 2}"), 30, 8) if place else moment(label, 6, 1)
    return purse.tale.add(
        models.BillingInvitation,
        label,
        email=email,
        email_key=email,
        status=STORED[(place + purse.other) % len(STORED)] if place else InvitationStatus.PENDING,
        token_digest=drawn(label, 32),
        created_at=at,
        expires_at=at + timedelta(days=7),
        refused_attempts=number(label, 0, 3),
        **by("invited", purse.cast.any(place)),
    )


def activity(purse: Purse, about: dict[str, list[Made]]) -> None:
    """Add an entry of each kind by each kind of actor, two at a time, about one thing or another."""
    kinds = list(BillingActivityKind)
    many = len(kinds) * ACTORS if purse.tale.slug == "acme" else len(kinds)
    for place in range(many + purse.other):
        label = purse.label(f"billing activity {place}")
        actor = purse.cast.any(place // len(kinds) * (ACTORS + 1) + place % len(kinds))  # each in turn, of each kind
        kind = purse.turned(kinds, place)
        named = subject(kind, place, about)
        at = moment(purse.label(f"billing activities {place // 2}"), 90, 1)
        who = {"actor_id": actor[0], "acted_as": actor[1]}
        purse.tale.add(models.BillingActivity, label, kind=kind, at=at, **who, **named)


def subject(kind: BillingActivityKind, place: int, about: dict[str, list[Made]]) -> dict[str, UUID]:
    """The column that names what an entry is about."""
    for name in ("payment_method", "payment", "invoice", "invitation"):
        if name.upper() in kind or (name == "invitation" and "INVITED" in kind):
            rows = [row for row in about[name] if row["status"] is STANDS[kind]] if kind in STANDS else []
            return {f"{name}_id": (rows or about[name])[place % len(rows or about[name])]["id"]}
    return {}


def usage(purse: Purse, gone: int) -> None:
    """Add what was used on a day, counted back from the last one."""
    day = NOW.date() - timedelta(days=gone + purse.other)
    for metric in Metric:
        label = purse.label(f"{metric} {gone}")
        purse.tale.add(models.UsageDay, label, metric=metric, day=day, value=number(label, 100, 9_000_000))
