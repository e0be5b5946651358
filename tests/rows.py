"""A valid row in every table, for each of as many organizations as a test wants."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from models import (
    Account,
    ActivityKind,
    BankPaymentStatus,
    BillingActivityKind,
    BillingInterval,
    BillingMode,
    CreditReason,
    InvitationStatus,
    InvoiceStatus,
    LineKind,
    LinkKind,
    Metric,
    PaymentMethodKind,
    PaymentStatus,
    PostingKind,
    QuoteStatus,
    ResourceKind,
    Role,
    SubscriptionStatus,
    Visibility,
)
from models.loading import TABLES, load

THEN = datetime(2026, 1, 31, 12, tzinfo=UTC)
LATER = THEN + timedelta(days=28)
MONEY = {"amount": 1500, "currency": "EUR"}
SECOND = 1 << 16  # the other side of the entry in the books
POSITIONS = {noun.table.source: position for position, noun in enumerate(TABLES, 1)}


def id_of(table: str, tenant: int = 1) -> UUID:
    """The id of this organization's row in a table."""
    return UUID(int=tenant << 32 | POSITIONS[table])


async def one_of_each(connection: "asyncpg.Connection[Any]", tenant: int = 1) -> None:
    """Insert a row into every table; nothing in it is unique but by `tenant`."""
    await load(connection, balanced(tenant))


def balanced(tenant: int) -> dict[str, list[dict[str, Any]]]:
    """The same as lists: the books have both sides."""
    made = {table: [row] for table, row in rows(tenant).items()}
    entry = made["ledger_entry"][0]
    other = {"id": UUID(int=tenant << 32 | SECOND), "position": 2, "amount": -entry["amount"]}
    made["ledger_entry"].append(entry | other)
    return made


def rows(tenant: int) -> dict[str, dict[str, Any]]:
    """The rows, by table."""

    def given(table: str, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"id": id_of(table, tenant), **owner(table), **values}

    def owner(table: str) -> dict[str, Any]:
        owned = "organization_id" in TABLES[POSITIONS[table] - 1].table.columns
        return {"organization_id": id_of("organization", tenant)} if owned else {}

    made = people(tenant) | work(tenant) | catalogue(tenant) | money(tenant)
    made |= managers(tenant) | behind(tenant) | books(tenant) | offers(tenant)
    return {table: given(table, values) for table, values in made.items()}


def people(tenant: int) -> dict[str, dict[str, Any]]:
    email = f"person{tenant}@acme.test"
    user, member = id_of("user_account", tenant), id_of("member", tenant)
    return {
        "user_account": {"name": "Person", "email": email, "email_key": email, "created_at": THEN},
        "organization": {"slug": f"acme-{tenant}", "name": "Acme", "created_at": THEN},
        "member": {"user_id": user, "joined_at": THEN},
        "role_grant": {
            "user_id": user,
            "role": Role.MEMBER,
            "member_id": member,
            "since": THEN,
            "granted_by_id": user,
            "granted_as": Role.OWNER,
        },
        "api_key": {
            "user_id": user,
            "name": "Key",
            "prefix": "purser_",
            "digest": bytes([tenant]) * 32,
            "permissions": ["VIEW_PLAN"],
            "made_as": Role.MEMBER,
            "created_at": THEN,
        },
    }


def work(tenant: int) -> dict[str, dict[str, Any]]:
    user, team = id_of("user_account", tenant), id_of("team", tenant)
    return {
        "team": {"name": "Team", "created_at": THEN},
        "team_member": {"team_id": team, "member_id": id_of("member", tenant), "joined_at": THEN},
        "project": {"team_id": team, "name": "Project", "created_at": THEN},
        "resource": {
            "project_id": id_of("project", tenant),
            "kind": ResourceKind.COLLECTION,
            "name": "Resource",
            "created_at": THEN,
            "created_by_id": user,
            "created_as": Role.MEMBER,
        },
        "activity": {
            "kind": ActivityKind.TEAM_CREATED,
            "subject": "Team",
            "at": THEN,
            "actor_id": user,
            "acted_as": Role.ADMIN,
        },
        "organization_settings": {
            "time_zone": "UTC",
            "default_visibility": Visibility.TEAM,
            "email_domains": ["acme.test"],
            "two_factor_required": False,
        },
    }


def catalogue(tenant: int) -> dict[str, dict[str, Any]]:
    plan = id_of("plan", tenant)
    terms = {"interval": BillingInterval.MONTH, "currency": "EUR"}
    return {
        "plan": {"key": f"basic-{tenant}", "name": "Basic", "description": "For teams.", "position": 1},
        "price": {"plan_id": plan, **terms, "unit_amount": 1500, "version": 1, "created_at": THEN},
        "plan_feature": {"plan_id": plan, "key": "storage", "name": "Storage", "limit_value": 10, "position": 1},
        "plan_subscription": {
            "plan_id": plan,
            "price_id": id_of("price", tenant),
            "currency": "EUR",
            "status": SubscriptionStatus.ACTIVE,
            "mode": BillingMode.FLEXIBLE,
            "seats_purchased": 3,
            "seats_used": 1,
            "seats_reserved": 1,
            "anchor_at": THEN,
            "current_period_start": THEN,
            "current_period_end": LATER,
            "auto_renew": True,
            "paid_ahead_until": LATER + timedelta(days=31),
            "ahead_price_id": id_of("price", tenant),
            "created_at": THEN,
        },
        "scheduled_change": {
            "subscription_id": id_of("plan_subscription", tenant),
            "effective_at": LATER,
            "plan_id": plan,
            **terms,
            "seats": 2,
            "created_at": THEN,
        },
        "usage_day": {"metric": Metric.STORAGE, "day": date(2026, 1, 31), "value": 7},
    }


def money(tenant: int) -> dict[str, dict[str, Any]]:
    user, invoice = id_of("user_account", tenant), id_of("invoice", tenant)
    return {
        "billing_profile": {"name": "Acme", "email": "billing@acme.test", "address_lines": ["1 Road"], "country": "DE"},
        "payment_method": {
            "kind": PaymentMethodKind.CARD,
            "gateway_reference": f"card-{tenant}",
            "brand": "visa",
            "last4": "4242",
            "exp_month": 12,
            "exp_year": 2030,
            "is_default": True,
            "added_at": THEN,
            "added_by_id": user,
            "added_as": Role.BILLING_MANAGER,
        },
        "invoice": {
            "number": "1",
            "status": InvoiceStatus.PAID,
            "currency": "EUR",
            "subtotal": 1200,
            "tax": 300,
            "total": 1500,
            "amount_due": 0,
            "created_at": THEN,
            "issued_at": THEN,
            "requested_by_id": user,
            "requested_as": Role.OWNER,
        },
        "invoice_line": {
            "invoice_id": invoice,
            "position": 1,
            "kind": LineKind.SEATS,
            "plan_name": "Basic",
            "interval": BillingInterval.MONTH,
            "quantity": 1,
            "unit_amount": 1200,
            **MONEY,
            "period_start": THEN,
            "period_end": LATER,
        },
        "tax_line": {
            "invoice_id": invoice,
            "position": 1,
            "name": "VAT",
            "rate_basis_points": 2500,
            "net": 1200,
            **MONEY,
        },
        "credit_note": {"invoice_id": invoice, "number": "1", "total": 100, "currency": "EUR", "issued_at": LATER},
        "payment": {
            **MONEY,
            "refunded_amount": 100,
            "status": PaymentStatus.SUCCEEDED,
            "created_at": THEN,
            "payment_method_id": id_of("payment_method", tenant),
            "invoice_id": invoice,
            "made_by_id": user,
            "made_as": Role.OWNER,
        },
        "refund": {"payment_id": id_of("payment", tenant), "amount": 100, "currency": "EUR", "created_at": LATER},
        "credit": {**MONEY, "remaining": 500, "reason": CreditReason.GOODWILL, "granted_at": THEN},
    }


def offers(tenant: int) -> dict[str, dict[str, Any]]:
    """A quote, and seats that are on no invoice yet."""
    period = {"period_start": THEN, "period_end": LATER}
    price = id_of("price", tenant)
    return {
        "quote": {
            "status": QuoteStatus.APPLIED,
            "asked": "{}",
            "inputs": bytes([tenant]) * 32,
            "plan_id": id_of("plan", tenant),
            "price_id": price,
            "interval": BillingInterval.MONTH,
            "mode": BillingMode.FLEXIBLE,
            "seats": 3,
            "currency": "EUR",
            "effective_at": THEN,
            "anchor_at": THEN,
            **period,
            "scheduled": False,
            "renewal": False,
            "trial": False,
            "subtotal": 1200,
            "tax": 300,
            "credit_applied": 0,
            "credit_granted": 0,
            "due_now": 1500,
            "carried": 0,
            "created_at": THEN,
            "expires_at": LATER,
        },
        "quote_line": {
            "quote_id": id_of("quote", tenant),
            "position": 1,
            "kind": LineKind.SEATS,
            "plan_name": "Basic",
            "interval": BillingInterval.MONTH,
            "quantity": 1,
            "unit_amount": 1200,
            **MONEY,
            **period,
            "whole_start": THEN,
            "whole_end": LATER,
        },
        "seat_addition": {"at": THEN, "seats_before": 1, "seats_after": 2, "price_id": price, **period},
    }


def books(tenant: int) -> dict[str, dict[str, Any]]:
    """What is booked, issued and told by gateways and banks."""
    posting = {"kind": PostingKind.INVOICE_ISSUED, "at": THEN, "invoice_id": id_of("invoice", tenant)}
    entry = {"position": 1, "account": Account.RECEIVABLE, **MONEY}
    bank = {"bank_reference": f"line-{tenant}", "text": "Thanks", "booked_on": date(2026, 2, 1), **MONEY}
    event = {"gateway": "SANDBOX", "event_id": f"event-{tenant}", "kind": "charge.succeeded", "created_at": THEN}
    return {
        "credit_use": {
            "credit_id": id_of("credit", tenant),
            "invoice_id": id_of("invoice", tenant),
            "amount": 100,
            "returned": 0,
        },
        "document_counter": {"mark": "ACME", "invoices": 1, "credit_notes": 1},
        "rendered_document": {
            "invoice_id": id_of("invoice", tenant),
            "content": b"%PDF",
            "digest": bytes([tenant]) * 32,
            "rendered_at": THEN,
        },
        "ledger_posting": posting,
        "ledger_entry": {"posting_id": id_of("ledger_posting", tenant), **entry},
        "bank_payment": {**bank, "status": BankPaymentStatus.MATCHED, "received_at": LATER},
        "gateway_event": {**event, "received_at": LATER},
        "installation": {"clock_ahead": 0},
    }


def managers(tenant: int) -> dict[str, dict[str, Any]]:
    user = id_of("user_account", tenant)
    return {
        "billing_invitation": {
            "email": "new@acme.test",
            "email_key": "new@acme.test",
            "status": InvitationStatus.PENDING,
            "token_digest": bytes([tenant]) * 32,
            "created_at": THEN,
            "expires_at": LATER,
            "invited_by_id": user,
            "invited_as": Role.OWNER,
        },
        "billing_activity": {
            "kind": BillingActivityKind.PAYMENT_SUCCEEDED,
            "at": THEN,
            "actor_id": user,
            "acted_as": Role.OWNER,
            "invoice_id": id_of("invoice", tenant),
            "payment_id": id_of("payment", tenant),
            "payment_method_id": id_of("payment_method", tenant),
            "invitation_id": id_of("billing_invitation", tenant),
        },
    }


def behind(tenant: int) -> dict[str, dict[str, Any]]:
    """What no client sees: how people sign in and are invited, and what is kept for a while."""
    user = id_of("user_account", tenant)
    digest = bytes([tenant]) * 32
    return {
        "member_invitation": {
            "email": "next@acme.test",
            "email_key": "next@acme.test",
            "role": Role.MEMBER,
            "status": InvitationStatus.PENDING,
            "token_digest": digest,
            "created_at": THEN,
            "expires_at": LATER,
            "invited_by_id": user,
            "invited_as": Role.OWNER,
        },
        "session": {
            "user_id": user,
            "digest": digest,
            "client": "Browser",
            "created_at": THEN,
            "seen_at": THEN,
            "expires_at": LATER,
        },
        "mailed_link": {
            "user_id": user,
            "kind": LinkKind.VERIFY_EMAIL,
            "digest": digest,
            "email_key": f"person{tenant}@acme.test",
            "created_at": THEN,
            "expires_at": LATER,
        },
        "stored_answer": {
            "user_id": user,
            "key": "key",
            "fingerprint": digest,
            "answer": '{"refused": "NOT_FOUND", "path": []}',
            "created_at": THEN,
            "kept_until": LATER,
        },
        "job": {"kind": "mail", "payload": "{}", "run_at": THEN, "attempts": 0, "created_at": THEN},
    }
