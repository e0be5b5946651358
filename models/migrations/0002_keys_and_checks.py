"""What refuses a wrong row: keys within and between tables, and checks.

A row of an organization is named by (organization_id, id): a foreign key cannot reach into another organization.
"""

from collections.abc import Iterator

from tortoise import migrations
from tortoise.migrations import operations as ops

TENANT = (
    "member",
    "role_grant",
    "team",
    "team_member",
    "project",
    "resource",
    "activity",
    "organization_settings",
    "plan_subscription",
    "scheduled_change",
    "payment_method",
    "payment",
    "refund",
    "credit",
    "invoice",
    "invoice_line",
    "tax_line",
    "credit_note",
    "billing_profile",
    "billing_invitation",
    "billing_activity",
    "usage_day",
)

# Text in a key or an index: sorted by its bytes, alike on every machine and after every upgrade of its libraries.
SORTED_BY_BYTES = {
    "user_account": ("email_key",),
    "organization": ("slug",),
    "role_grant": ("role",),
    "plan": ("key",),
    "price": ("interval", "currency"),
    "plan_feature": ("key",),
    "payment": ("status",),
    "invoice": ("number", "status"),
    "credit_note": ("number",),
    "billing_invitation": ("email_key", "status"),
    "usage_day": ("metric",),
}

UNIQUE = {
    "user_account_email_key": "user_account (email_key)",
    "organization_slug_key": "organization (slug)",
    "member_user_key": "member (organization_id, user_id)",
    "member_person_key": "member (organization_id, id, user_id)",
    "role_grant_role_key": "role_grant (organization_id, user_id, role)",
    "api_key_digest_key": "api_key (digest)",
    "team_member_member_key": "team_member (organization_id, member_id, team_id)",
    "organization_settings_key": "organization_settings (organization_id)",
    "plan_key_key": "plan (key)",
    "plan_feature_key_key": "plan_feature (plan_id, key)",
    "price_plan_key": "price (id, plan_id)",
    "price_version_key": "price (plan_id, interval, currency, version)",
    "plan_subscription_key": "plan_subscription (organization_id)",
    "scheduled_change_subscription_key": "scheduled_change (organization_id, subscription_id)",
    "invoice_line_position_key": "invoice_line (organization_id, invoice_id, position)",
    "tax_line_position_key": "tax_line (organization_id, invoice_id, position)",
    "credit_note_number_key": "credit_note (organization_id, number)",
    "billing_profile_key": "billing_profile (organization_id)",
    "billing_invitation_token_key": "billing_invitation (token_digest)",
    "usage_day_key": "usage_day (organization_id, metric, day)",
}

UNIQUE_WHERE = {
    "price_current_key": "price (plan_id, interval, currency) where retired_at is null",
    "payment_method_default_key": "payment_method (organization_id) where is_default and removed_at is null",
    "invoice_number_key": "invoice (organization_id, number) where number is not null",
    "billing_invitation_pending_key": "billing_invitation (organization_id, email_key) where status = 'PENDING'",
}

TO_USERS = {
    "member": ("user",),
    "role_grant": ("user", "granted_by"),
    "api_key": ("user",),
    "resource": ("created_by",),
    "activity": ("actor",),
    "payment_method": ("added_by",),
    "payment": ("made_by",),
    "invoice": ("requested_by",),
    "billing_invitation": ("invited_by",),
    "billing_activity": ("actor",),
}

TO_PLANS = {
    "price_plan_fkey": ("price", "(plan_id) references plan (id)"),
    "plan_feature_plan_fkey": ("plan_feature", "(plan_id) references plan (id)"),
    "plan_subscription_plan_fkey": ("plan_subscription", "(plan_id) references plan (id)"),
    "plan_subscription_price_fkey": ("plan_subscription", "(price_id, plan_id) references price (id, plan_id)"),
    "scheduled_change_plan_fkey": ("scheduled_change", "(plan_id) references plan (id)"),
}

# (table, its column, the table that it names): within one organization.
WITHIN = (
    ("project", "team", "team"),
    ("resource", "project", "project"),
    ("scheduled_change", "subscription", "plan_subscription"),
    ("payment", "payment_method", "payment_method"),
    ("payment", "invoice", "invoice"),
    ("refund", "payment", "payment"),
    ("invoice_line", "invoice", "invoice"),
    ("tax_line", "invoice", "invoice"),
    ("credit_note", "invoice", "invoice"),
    ("billing_activity", "invoice", "invoice"),
    ("billing_activity", "payment", "payment"),
    ("billing_activity", "payment_method", "payment_method"),
    ("billing_activity", "invitation", "billing_invitation"),
)
# The same, for rows that go with the one that they name.
GOING_ALONG = (("team_member", "team", "team"), ("team_member", "member", "member"))

ROLES = "'OWNER', 'ADMIN', 'MEMBER', 'BILLING_MANAGER'"
INTERVALS = "'MONTH', 'YEAR'"
ONE_OF = {
    ("role_grant", "role"): ROLES,
    ("api_key", "made_as"): ROLES,
    ("resource", "kind"): "'COLLECTION', 'ENVIRONMENT', 'DOCUMENTATION', 'MOCK_SERVER', 'TEST_SUITE'",
    ("activity", "kind"): (
        "'MEMBER_JOINED', 'MEMBER_REMOVED', 'MEMBER_ROLE_CHANGED', 'TEAM_CREATED', 'TEAM_RENAMED', 'TEAM_DELETED', "
        "'PROJECT_CREATED', 'PROJECT_RENAMED', 'PROJECT_DELETED', 'RESOURCE_CREATED', 'RESOURCE_DELETED', "
        "'SETTINGS_CHANGED'"
    ),
    ("organization_settings", "default_visibility"): "'ORGANIZATION', 'TEAM'",
    ("price", "interval"): INTERVALS,
    ("plan_subscription", "status"): ("'TRIALING', 'ACTIVE', 'PENDING_PAYMENT', 'PAST_DUE', 'SUSPENDED', 'CANCELED'"),
    ("plan_subscription", "mode"): "'FLEXIBLE', 'FIXED'",
    ("scheduled_change", "interval"): INTERVALS,
    ("payment_method", "kind"): "'CARD', 'BANK_TRANSFER'",
    ("payment", "status"): "'PROCESSING', 'REQUIRES_ACTION', 'SUCCEEDED', 'FAILED', 'REFUNDED'",
    ("credit", "reason"): "'PROMOTION', 'GOODWILL', 'UNUSED_TIME', 'REFUND', 'OVERPAYMENT'",
    ("invoice", "status"): "'DRAFT', 'OPEN', 'PAID', 'VOID', 'UNCOLLECTIBLE'",
    ("invoice_line", "kind"): "'PLAN', 'SEATS', 'UNUSED_TIME', 'RENEWAL', 'CREDIT', 'TAX', 'TRANSFER'",
    ("invoice_line", "interval"): INTERVALS,
    ("billing_invitation", "status"): "'PENDING', 'ACCEPTED', 'DECLINED', 'REVOKED', 'SUPERSEDED'",
    ("billing_activity", "kind"): (
        "'BILLING_MANAGER_INVITED', 'BILLING_MANAGER_JOINED', 'BILLING_MANAGER_REMOVED', 'INVITATION_REVOKED', "
        "'SUBSCRIPTION_CHANGED', 'PAYMENT_METHOD_ADDED', 'PAYMENT_METHOD_REMOVED', 'PAYMENT_SUCCEEDED', "
        "'PAYMENT_FAILED', 'PAYMENT_REFUNDED', 'INVOICE_ISSUED', 'BILLING_PROFILE_CHANGED'"
    ),
    ("usage_day", "metric"): "'seats', 'api_requests', 'storage'",
}

# Who did it, and as what: (table, user, role).
ACTORS = (
    ("role_grant", "granted_by_id", "granted_as"),
    ("resource", "created_by_id", "created_as"),
    ("activity", "actor_id", "acted_as"),
    ("payment_method", "added_by_id", "added_as"),
    ("payment", "made_by_id", "made_as"),
    ("invoice", "requested_by_id", "requested_as"),
    ("billing_invitation", "invited_by_id", "invited_as"),
    ("billing_activity", "actor_id", "acted_as"),
)

IN_A_CURRENCY = (
    "price",
    "plan_subscription",
    "scheduled_change",
    "payment",
    "refund",
    "credit",
    "invoice",
    "invoice_line",
    "tax_line",
    "credit_note",
)

CHECKS = {
    "organization_slug_check": ("organization", "slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'"),
    "role_grant_member_check": ("role_grant", "(role = 'BILLING_MANAGER') = (member_id is null)"),
    "api_key_digest_check": ("api_key", "octet_length(digest) = 32"),
    "price_amount_check": ("price", "unit_amount >= 0"),
    "plan_subscription_seats_check": (
        "plan_subscription",
        "seats_used >= 0 and seats_reserved >= 0 and seats_purchased >= seats_used + seats_reserved",
    ),
    "plan_subscription_period_check": ("plan_subscription", "current_period_start < current_period_end"),
    "scheduled_change_seats_check": ("scheduled_change", "seats >= 0"),
    "payment_method_month_check": ("payment_method", "exp_month between 1 and 12"),
    "payment_amount_check": ("payment", "amount >= 0"),
    "payment_refunded_check": ("payment", "refunded_amount between 0 and amount"),
    "refund_amount_check": ("refund", "amount > 0"),
    "credit_remaining_check": ("credit", "remaining between 0 and amount"),
    "invoice_number_check": ("invoice", "(status = 'DRAFT') = (number is null)"),
    "invoice_total_check": ("invoice", "total = subtotal + tax"),
    "invoice_due_check": ("invoice", "amount_due >= 0"),
    "invoice_line_period_check": ("invoice_line", "period_start < period_end"),
    "billing_profile_country_check": ("billing_profile", "country ~ '^[A-Z]{2}$'"),
    "billing_invitation_token_check": ("billing_invitation", "octet_length(token_digest) = 32"),
    "billing_invitation_expiry_check": ("billing_invitation", "created_at < expires_at"),
    "usage_day_value_check": ("usage_day", "value >= 0"),
}


def collations() -> Iterator[tuple[str, str]]:
    for table, columns in SORTED_BY_BYTES.items():
        for column in columns:
            alter = f"alter table {table} alter column {column} type text"
            yield f'{alter} collate "C"', f'{alter} collate "default"'


def constraint(table: str, name: str, definition: str) -> tuple[str, str]:
    return f"alter table {table} add constraint {name} {definition}", f"alter table {table} drop constraint {name}"


def uniques() -> Iterator[tuple[str, str]]:
    for table in TENANT:
        yield constraint(table, f"{table}_tenant_key", "unique (organization_id, id)")
    for name, what in UNIQUE.items():
        table, columns = what.split(" ", 1)
        yield constraint(table, name, f"unique {columns}")
    for name, what in UNIQUE_WHERE.items():
        yield f"create unique index {name} on {what}", f"drop index {name}"


def foreign_keys() -> Iterator[tuple[str, str]]:
    for table in (*TENANT, "api_key"):
        reference = "foreign key (organization_id) references organization (id)"
        yield constraint(table, f"{table}_organization_fkey", reference)
    for table, columns in TO_USERS.items():
        for column in columns:
            reference = f"foreign key ({column}_id) references user_account (id)"
            yield constraint(table, f"{table}_{column}_fkey", reference)
    for name, (table, reference) in TO_PLANS.items():
        yield constraint(table, name, f"foreign key {reference}")
    for table, column, named in (*WITHIN, *GOING_ALONG):
        reference = f"foreign key (organization_id, {column}_id) references {named} (organization_id, id)"
        cascade = " on delete cascade" if (table, column, named) in GOING_ALONG else ""
        yield constraint(table, f"{table}_{column}_fkey", f"{reference}{cascade}")
    # Without his membership a person loses its roles; the user is named too, so that nobody holds another's.
    yield constraint(
        "role_grant",
        "role_grant_member_fkey",
        "foreign key (organization_id, member_id, user_id) references member (organization_id, id, user_id)"
        " on delete cascade",
    )


def checks() -> Iterator[tuple[str, str]]:
    one_of = ONE_OF | {(table, role): ROLES for table, _, role in ACTORS}
    for (table, column), values in one_of.items():
        yield constraint(table, f"{table}_{column}_check", f"check ({column} in ({values}))")
    for table, user, role in ACTORS:
        name = f"{table}_{role}_of_check"
        yield constraint(table, name, f"check ({user} is not null or {role} is null)")
    for table in IN_A_CURRENCY:
        yield constraint(table, f"{table}_currency_check", "check (currency ~ '^[A-Z]{3}$')")
    for name, (table, condition) in CHECKS.items():
        yield constraint(table, name, f"check ({condition})")


def run(pairs: Iterator[tuple[str, str]]) -> ops.RunSQL:
    forward, backward = zip(*pairs, strict=True)
    return ops.RunSQL(forward, tuple(reversed(backward)))


class Migration(migrations.Migration):
    dependencies = [("models", "0001_tables")]  # noqa: RUF012  # the base class says how
    operations = [run(collations()), run(uniques()), run(foreign_keys()), run(checks())]  # noqa: RUF012
