"""What orders the lists: a page of each is a range of one index, forward and backward."""

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = {
    "member_order": "member (organization_id, joined_at, id)",
    "role_grant_user": "role_grant (user_id)",
    "role_grant_billing_manager_order": "role_grant (organization_id, since, id) where role = 'BILLING_MANAGER'",
    "api_key_order": "api_key (organization_id, created_at, id)",
    "api_key_user_order": "api_key (user_id, created_at, id)",
    "team_order": "team (organization_id, created_at, id)",
    "team_member_order": "team_member (organization_id, team_id, joined_at, member_id)",
    "project_order": "project (organization_id, created_at, id)",
    "project_team_order": "project (organization_id, team_id, created_at, id)",
    "resource_order": "resource (organization_id, created_at, id)",
    "resource_project": "resource (organization_id, project_id)",
    "activity_order": "activity (organization_id, at, id)",
    "payment_method_order": "payment_method (organization_id, is_default, added_at, id) where removed_at is null",
    "payment_order": "payment (organization_id, created_at, id)",
    "payment_status_order": "payment (organization_id, status, created_at, id)",
    "payment_invoice": "payment (organization_id, invoice_id)",
    "refund_order": "refund (organization_id, payment_id, created_at, id)",
    "credit_order": "credit (organization_id, granted_at, id)",
    "invoice_order": "invoice (organization_id, created_at, id)",
    "invoice_status_order": "invoice (organization_id, status, created_at, id)",
    "credit_note_order": "credit_note (organization_id, invoice_id, issued_at, id)",
    "billing_invitation_order": "billing_invitation (organization_id, created_at, id)",
    "billing_invitation_status_order": "billing_invitation (organization_id, status, created_at, id)",
    "billing_activity_order": "billing_activity (organization_id, at, id)",
}


class Migration(migrations.Migration):
    dependencies = [("models", "0002_keys_and_checks")]  # noqa: RUF012  # the base class says how
    operations = [  # noqa: RUF012
        ops.RunSQL(
            [f"create index {name} on {what}" for name, what in INDEXES.items()],
            [f"drop index {name}" for name in INDEXES],
        )
    ]
