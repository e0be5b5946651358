"""How money moves: quotes, the ledger, documents, what gateways and banks tell, and what time does to a subscription."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

ROLES = "'OWNER', 'ADMIN', 'MEMBER', 'BILLING_MANAGER'"
INTERVALS = "'MONTH', 'YEAR'"
MODES = "'FLEXIBLE', 'FIXED'"
LINES = "'PLAN', 'SEATS', 'UNUSED_TIME', 'RENEWAL', 'CREDIT', 'TAX', 'TRANSFER'"

TENANT = (
    "quote",
    "quote_line",
    "seat_addition",
    "credit_use",
    "document_counter",
    "rendered_document",
    "ledger_posting",
    "ledger_entry",
)

BYTES = {
    "quote": ("status",),
    "payment_method": ("fingerprint",),
    "payment": ("gateway", "gateway_reference"),
    "invoice": ("transfer_reference",),
    "bank_payment": ("bank_reference", "status"),
    "gateway_event": ("gateway", "event_id"),
}

# (table, its column, the table that it names): within one organization.
WITHIN = (
    ("payment", "quote", "quote"),
    ("refund", "credit_note", "credit_note"),
    ("invoice", "quote", "quote"),
    ("quote_line", "quote", "quote"),
    ("seat_addition", "quote", "quote"),
    ("seat_addition", "invoice", "invoice"),
    ("credit_use", "credit", "credit"),
    ("credit_use", "invoice", "invoice"),
    ("rendered_document", "invoice", "invoice"),
    ("rendered_document", "credit_note", "credit_note"),
    ("ledger_posting", "invoice", "invoice"),
    ("ledger_posting", "payment", "payment"),
    ("ledger_posting", "refund", "refund"),
    ("ledger_posting", "credit", "credit"),
    ("ledger_posting", "credit_note", "credit_note"),
    ("ledger_entry", "posting", "ledger_posting"),
    ("bank_payment", "payment", "payment"),
)

IN_A_CURRENCY = ("quote", "quote_line", "ledger_entry", "bank_payment")

CONSTRAINTS = {
    "quote_plan_fkey": ("quote", "foreign key (plan_id) references plan (id)"),
    "quote_price_fkey": ("quote", "foreign key (price_id, plan_id) references price (id, plan_id)"),
    "quote_quoted_by_fkey": ("quote", "foreign key (quoted_by_id) references user_account (id)"),
    "quote_quoted_as_check": ("quote", f"check (quoted_as in ({ROLES}))"),
    "quote_quoted_as_of_check": ("quote", "check (quoted_by_id is not null or quoted_as is null)"),
    "quote_status_check": ("quote", "check (status in ('OPEN', 'HELD', 'INVOICED', 'APPLIED', 'DROPPED'))"),
    "quote_interval_check": ("quote", f"check (interval in ({INTERVALS}))"),
    "quote_mode_check": ("quote", f"check (mode in ({MODES}))"),
    "quote_inputs_check": ("quote", "check (octet_length(inputs) = 32)"),
    "quote_period_check": ("quote", "check (period_start < period_end)"),
    "quote_expiry_check": ("quote", "check (created_at < expires_at)"),
    "quote_seats_check": ("quote", "check (seats >= 0)"),
    "quote_amounts_check": (
        "quote",
        (
            "check (due_now >= 0 and credit_applied >= 0 and credit_granted >= 0"
            " and due_now = subtotal + tax - credit_applied + credit_granted + carried)"
        ),
    ),
    "quote_line_kind_check": ("quote_line", f"check (kind in ({LINES}))"),
    "quote_line_interval_check": ("quote_line", f"check (interval in ({INTERVALS}))"),
    "quote_line_period_check": ("quote_line", "check (period_start < period_end and whole_start < whole_end)"),
    "quote_line_position_key": ("quote_line", "unique (organization_id, quote_id, position)"),
    "scheduled_change_mode_check": ("scheduled_change", f"check (mode in ({MODES}))"),
    "plan_subscription_ahead_price_fkey": (
        "plan_subscription",
        "foreign key (ahead_price_id, plan_id) references price (id, plan_id)",
    ),
    "plan_subscription_ahead_check": (
        "plan_subscription",
        "check ((paid_ahead_until is null) = (ahead_price_id is null) and paid_ahead_until > current_period_end)",
    ),
    "seat_addition_price_fkey": ("seat_addition", "foreign key (price_id) references price (id)"),
    "seat_addition_seats_check": ("seat_addition", "check (0 <= seats_before and seats_before < seats_after)"),
    "seat_addition_period_check": ("seat_addition", "check (period_start <= at and at < period_end)"),
    "payment_gateway_check": ("payment", "check (gateway in ('SANDBOX', 'STRIPE', 'TRANSFER'))"),
    "payment_method_gateway_check": ("payment_method", "check (gateway in ('SANDBOX', 'STRIPE', 'TRANSFER'))"),
    "payment_carried_check": ("payment", "check (carried between 0 and amount)"),
    "refund_status_check": ("refund", "check (status in ('PENDING', 'SUCCEEDED', 'FAILED'))"),
    "credit_use_amount_check": ("credit_use", "check (amount > 0 and returned between 0 and amount)"),
    "credit_use_key": ("credit_use", "unique (organization_id, invoice_id, credit_id)"),
    "invoice_credit_check": ("invoice", "check (credit_applied >= 0)"),
    "document_counter_key": ("document_counter", "unique (organization_id)"),
    "document_counter_check": ("document_counter", "check (invoices >= 0 and credit_notes >= 0)"),
    "rendered_document_check": ("rendered_document", "check (num_nonnulls(invoice_id, credit_note_id) = 1)"),
    "rendered_document_digest_check": ("rendered_document", "check (octet_length(digest) = 32)"),
    "rendered_document_key": (
        "rendered_document",
        "unique nulls not distinct (organization_id, invoice_id, credit_note_id)",
    ),
    "ledger_posting_kind_check": (
        "ledger_posting",
        (
            "check (kind in ('INVOICE_ISSUED', 'INVOICE_VOIDED', 'INVOICE_UNCOLLECTIBLE', 'PAYMENT', 'REFUND', 'CREDIT_NOTE',"
            " 'CREDIT_GRANTED', 'CREDIT_USED', 'CREDIT_RETURNED', 'CREDIT_EXPIRED', 'CARRIED'))"
        ),
    ),
    "ledger_entry_account_check": (
        "ledger_entry",
        (
            "check (account in ('RECEIVABLE', 'CARRIED', 'CASH', 'CREDIT', 'REVENUE', 'TAX', 'PROMOTION',"
            " 'EXPIRED_CREDIT', 'BAD_DEBT'))"
        ),
    ),
    "ledger_entry_amount_check": ("ledger_entry", "check (amount <> 0)"),
    "ledger_entry_position_key": ("ledger_entry", "unique (organization_id, posting_id, position)"),
    "bank_payment_reference_key": ("bank_payment", "unique (bank_reference)"),
    "bank_payment_amount_check": ("bank_payment", "check (amount > 0)"),
    "bank_payment_status_check": ("bank_payment", "check (status in ('MATCHED', 'UNMATCHED', 'RETURNED'))"),
    "bank_payment_matched_check": ("bank_payment", "check ((status = 'MATCHED') = (organization_id is not null))"),
    "bank_payment_organization_fkey": (
        "bank_payment",
        "foreign key (organization_id) references organization (id)",
    ),
    "gateway_event_key": ("gateway_event", "unique (gateway, event_id)"),
    "gateway_event_gateway_check": ("gateway_event", "check (gateway in ('SANDBOX', 'STRIPE'))"),
    "installation_check": ("installation", "check (clock_ahead >= 0)"),
}

UNIQUE_WHERE = {
    "payment_method_card_key": (
        "payment_method (organization_id, fingerprint) where removed_at is null and fingerprint is not null"
    ),
    "payment_reference_key": "payment (gateway, gateway_reference) where gateway_reference is not null",
    "payment_under_way_key": (
        "payment (organization_id, invoice_id) where status in ('PROCESSING', 'REQUIRES_ACTION')"
        " and invoice_id is not null"
    ),
    "invoice_transfer_key": "invoice (transfer_reference) where transfer_reference is not null",
}

INDEXES = {
    "quote_order": "quote (organization_id, created_at, id)",
    "quote_under_way": "quote (organization_id, status) where status in ('HELD', 'INVOICED')",
    "quote_end": "quote (expires_at) where status = 'OPEN'",
    "seat_addition_open": "seat_addition (organization_id, at) where invoice_id is null",
    "plan_subscription_due": (
        "plan_subscription ((least(current_period_end, dunning_at))) where status not in ('SUSPENDED', 'CANCELED')"
    ),
    "payment_quote": "payment (organization_id, quote_id) where quote_id is not null",
    "payment_held": "payment (held_until) where status = 'REQUIRES_ACTION'",
    "payment_method_expiry": "payment_method (exp_year, exp_month) where removed_at is null and exp_year is not null",
    "invoice_quote": "invoice (organization_id, quote_id) where quote_id is not null",
    "invoice_due": "invoice (due_at) where status = 'OPEN'",
    "credit_use_credit": "credit_use (organization_id, credit_id)",
    "credit_end": "credit (expires_at) where remaining > 0",
    "ledger_posting_order": "ledger_posting (organization_id, at, id)",
    "ledger_posting_invoice": "ledger_posting (organization_id, invoice_id) where invoice_id is not null",
    "ledger_posting_payment": "ledger_posting (organization_id, payment_id) where payment_id is not null",
    "ledger_posting_credit": "ledger_posting (organization_id, credit_id) where credit_id is not null",
    "bank_payment_unmatched": "bank_payment (received_at, id) where status = 'UNMATCHED'",
}

ACTIVITIES = (
    "'BILLING_MANAGER_INVITED', 'BILLING_MANAGER_JOINED', 'BILLING_MANAGER_REMOVED', 'INVITATION_REVOKED', "
    "'SUBSCRIPTION_CHANGED', 'PAYMENT_METHOD_ADDED', 'PAYMENT_METHOD_REMOVED', 'PAYMENT_SUCCEEDED', "
    "'PAYMENT_FAILED', 'PAYMENT_REFUNDED', 'INVOICE_ISSUED', 'BILLING_PROFILE_CHANGED'"
)
FURTHER_ACTIVITIES = (
    "'SUBSCRIPTION_RENEWED', 'SUBSCRIPTION_CANCELED', 'SUBSCRIPTION_RESUMED', 'SUBSCRIPTION_PAST_DUE', "
    "'SUBSCRIPTION_SUSPENDED', 'PAYMENT_METHOD_CHANGED', 'INVOICE_VOIDED', 'CREDIT_GRANTED'"
)


def key() -> "fields.UUIDField[UUID]":
    """Ids come from the application, in the order of time."""
    return fields.UUIDField(primary_key=True, default=None)


FIELDS: "dict[str, type[fields.Field[Any]]]" = {
    "bigint": fields.BigIntField,
    "bool": fields.BooleanField,
    "bytes": fields.BinaryField,
    "date": fields.DateField,
    "int": fields.IntField,
    "json": fields.JSONField,
    "text": fields.TextField,
    "time": fields.DatetimeField,
    "uuid": fields.UUIDField,
}


def column(kind: str, **more: Any) -> "fields.Field[Any]":
    """Of this kind; with a question mark it may be null."""
    if kind.endswith("?"):
        more["null"] = True
    return FIELDS[kind.rstrip("?")](**more)


def table(model: str, name: str, columns: str) -> ops.CreateModel:
    """A table of columns alone, each a name and a kind; what refuses wrong rows follows."""
    pairs = [each.split() for each in columns.split(",")]
    made: list[tuple[str, Any]] = [("id", key()), *((each, column(kind)) for each, kind in pairs)]
    return ops.CreateModel(model, made, {"table": name, "app": "models", "pk_attr": "id"})


def constraints() -> Iterator[tuple[str, str, str]]:
    """Name, table and definition of each."""
    for name in TENANT:
        yield f"{name}_tenant_key", name, "unique (organization_id, id)"
        yield f"{name}_organization_fkey", name, "foreign key (organization_id) references organization (id)"
    for name, column, named in WITHIN:
        reference = f"foreign key (organization_id, {column}_id) references {named} (organization_id, id)"
        yield f"{name}_{column}_fkey", name, reference
    for name in IN_A_CURRENCY:
        yield f"{name}_currency_check", name, "check (currency ~ '^[A-Z]{3}$')"
    for constraint, (name, definition) in CONSTRAINTS.items():
        yield constraint, name, definition


def pairs() -> Iterator[tuple[str, str]]:
    """What Tortoise has no words for, each with its way back."""
    for name, columns in BYTES.items():
        for column in columns:
            alter = f"alter table {name} alter column {column} type text"
            yield f'{alter} collate "C"', f'{alter} collate "default"'
    for constraint, name, definition in constraints():
        alter = f"alter table {name}"
        yield f"{alter} add constraint {constraint} {definition}", f"{alter} drop constraint {constraint}"
    kinds = (
        "alter table billing_activity drop constraint billing_activity_kind_check,"
        " add constraint billing_activity_kind_check check (kind in"
    )
    yield f"{kinds} ({ACTIVITIES}, {FURTHER_ACTIVITIES}))", f"{kinds} ({ACTIVITIES}))"
    for index, definition in UNIQUE_WHERE.items():
        yield f"create unique index {index} on {definition}", f"drop index {index}"
    for index, definition in INDEXES.items():
        yield f"create index {index} on {definition}", f"drop index {index}"


def run() -> ops.RunSQL:
    """All of them in one: Tortoise rebuilds its models for each operation."""
    forward, backward = zip(*pairs(), strict=True)
    return ops.RunSQL(forward, tuple(reversed(backward)))


class Migration(migrations.Migration):
    dependencies = [("models", "0005_people")]  # noqa: RUF012  # the base class says how
    operations = [  # noqa: RUF012  # as above
        ops.AddField("PaymentMethod", "gateway", fields.TextField(db_default="SANDBOX")),
        ops.AddField("PaymentMethod", "customer", column("text?")),
        ops.AddField("PaymentMethod", "fingerprint", column("text?")),
        ops.AddField("PaymentMethod", "billing_name", column("text?")),
        ops.AddField("PaymentMethod", "warned_days", fields.IntField(null=True)),
        ops.AddField("Payment", "gateway", fields.TextField(db_default="SANDBOX")),
        ops.AddField("Payment", "gateway_reference", column("text?")),
        ops.AddField("Payment", "quote_id", column("uuid?")),
        ops.AddField("Payment", "carried", fields.BigIntField(db_default=0)),
        ops.AddField("Payment", "on_session", fields.BooleanField(db_default=False)),
        ops.AddField("Payment", "held_until", column("time?")),
        ops.AddField("Payment", "settled_at", column("time?")),
        ops.AddField("Refund", "status", fields.TextField(db_default="SUCCEEDED")),
        ops.AddField("Refund", "gateway_reference", column("text?")),
        ops.AddField("Refund", "credit_note_id", column("uuid?")),
        ops.AddField("Invoice", "credit_applied", fields.BigIntField(db_default=0)),
        ops.AddField("Invoice", "document", fields.JSONField(null=True)),
        ops.AddField("Invoice", "quote_id", column("uuid?")),
        ops.AddField("Invoice", "transfer_reference", column("text?")),
        ops.AddField("Invoice", "reminded_at", column("time?")),
        ops.AddField("Invoice", "voided_at", column("time?")),
        ops.AddField("CreditNote", "subtotal", fields.BigIntField(db_default=0)),
        ops.AddField("CreditNote", "tax", fields.BigIntField(db_default=0)),
        ops.AddField("CreditNote", "document", fields.JSONField(null=True)),
        ops.AddField("PlanSubscription", "paid_ahead_until", column("time?")),
        ops.AddField("PlanSubscription", "ahead_price_id", column("uuid?")),
        ops.AddField("PlanSubscription", "past_due_since", column("time?")),
        ops.AddField("PlanSubscription", "dunning_at", column("time?")),
        ops.AddField("PlanSubscription", "reminded_for", column("time?")),
        ops.AddField("ScheduledChange", "mode", fields.TextField(db_default="FLEXIBLE")),
        table(
            "Quote",
            "quote",
            "organization_id uuid, status text, asked json, inputs bytes, plan_id uuid, price_id uuid, "
            "interval text, mode text, seats int, currency text, effective_at time, anchor_at time, "
            "period_start time, period_end time, scheduled bool, renewal bool, trial bool, subtotal bigint, "
            "tax bigint, credit_applied bigint, credit_granted bigint, due_now bigint, carried bigint, "
            "next_charge bigint?, next_charge_at time?, created_at time, expires_at time, quoted_by_id uuid?, "
            "quoted_as text?",
        ),
        table(
            "QuoteLine",
            "quote_line",
            "organization_id uuid, quote_id uuid, position int, kind text, plan_name text, interval text, "
            "quantity int, unit_amount bigint, amount bigint, currency text, period_start time, period_end time, "
            "whole_start time, whole_end time",
        ),
        table(
            "SeatAddition",
            "seat_addition",
            "organization_id uuid, at time, seats_before int, seats_after int, price_id uuid, period_start time, "
            "period_end time, quote_id uuid?, invoice_id uuid?",
        ),
        table(
            "CreditUse",
            "credit_use",
            "organization_id uuid, credit_id uuid, invoice_id uuid, amount bigint, returned bigint",
        ),
        table(
            "DocumentCounter",
            "document_counter",
            "organization_id uuid, mark text, invoices int, credit_notes int",
        ),
        table(
            "RenderedDocument",
            "rendered_document",
            "organization_id uuid, invoice_id uuid?, credit_note_id uuid?, content bytes, digest bytes, "
            "rendered_at time",
        ),
        table(
            "LedgerPosting",
            "ledger_posting",
            "organization_id uuid, kind text, at time, invoice_id uuid?, payment_id uuid?, refund_id uuid?, "
            "credit_id uuid?, credit_note_id uuid?",
        ),
        table(
            "LedgerEntry",
            "ledger_entry",
            "organization_id uuid, posting_id uuid, position int, account text, amount bigint, currency text",
        ),
        table(
            "BankPayment",
            "bank_payment",
            "bank_reference text, text text, amount bigint, currency text, booked_on date, status text, "
            "organization_id uuid?, payment_id uuid?, received_at time",
        ),
        table(
            "GatewayEvent",
            "gateway_event",
            "gateway text, event_id text, kind text, charge text?, created_at time, received_at time",
        ),
        table(
            "Installation",
            "installation",
            "clock_ahead bigint",
        ),
        run(),
    ]
