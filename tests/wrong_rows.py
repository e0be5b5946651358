"""A statement against each key and check of the database, that it alone refuses, by its name."""

# ruff: noqa: S608  # statements are made of our own names and values

import json
from typing import Any
from uuid import UUID

from models.loading import TABLES
from tests.rows import id_of

ENUMS = [(noun, column) for noun in TABLES for column in noun.table.columns.values() if column.is_enum]
NEW = UUID(int=1 << 96)


def again(table: str, **changed: Any) -> str:
    """The same row once more, but for an id of its own and what is said."""
    values = json.dumps({"id": str(NEW)} | changed, default=str)
    row = f"(jsonb_populate_record(r, '{values}')).*"
    return f"insert into {table} select {row} from {table} r where id = '{id_of(table)}'"


OTHER = r"\x" + "ff" * 32
WRONG = {
    "user_account_email_key": again("user_account"),
    "organization_slug_key": again("organization"),
    "organization_slug_check": "update organization set slug = '-acme'",
    "member_user_key": again("member"),
    "role_grant_role_key": again("role_grant"),
    "role_grant_member_check": "update role_grant set member_id = null",
    "api_key_digest_key": again("api_key"),
    "api_key_digest_check": "update api_key set digest = 'purser_1'",
    "team_member_member_key": again("team_member"),
    "organization_settings_key": again("organization_settings"),
    "plan_key_key": again("plan"),
    "plan_feature_key_key": again("plan_feature"),
    "price_version_key": again("price", retired_at="2026-01-01T00:00Z"),
    "price_current_key": again("price", version=2),
    "price_amount_check": "update price set unit_amount = -1",
    "plan_subscription_key": again("plan_subscription"),
    "plan_subscription_seats_check": "update plan_subscription set seats_reserved = 3",
    "plan_subscription_period_check": "update plan_subscription set current_period_end = current_period_start",
    "scheduled_change_subscription_key": again("scheduled_change"),
    "scheduled_change_seats_check": "update scheduled_change set seats = -1",
    "payment_method_default_key": again("payment_method"),
    "payment_method_month_check": "update payment_method set exp_month = 13",
    "payment_amount_check": "update payment set amount = -1, refunded_amount = -1",
    "payment_refunded_check": "update payment set refunded_amount = 1501",
    "refund_amount_check": "update refund set amount = 0",
    "credit_remaining_check": "update credit set remaining = 1501",
    "invoice_number_key": again("invoice"),
    "invoice_number_check": "update invoice set status = 'DRAFT'",
    "invoice_total_check": "update invoice set tax = 301",
    "invoice_due_check": "update invoice set amount_due = -1",
    "invoice_line_position_key": again("invoice_line"),
    "invoice_line_period_check": "update invoice_line set period_end = period_start",
    "tax_line_position_key": again("tax_line"),
    "credit_note_number_key": again("credit_note"),
    "billing_profile_key": again("billing_profile"),
    "billing_profile_country_check": "update billing_profile set country = 'Germany'",
    "billing_invitation_pending_key": again("billing_invitation", token_digest=OTHER),
    "billing_invitation_token_key": again("billing_invitation", email_key="other@acme.test"),
    "billing_invitation_token_check": "update billing_invitation set token_digest = 'token'",
    "billing_invitation_expiry_check": "update billing_invitation set expires_at = created_at",
    "usage_day_key": again("usage_day"),
    "usage_day_value_check": "update usage_day set value = -1",
    "session_digest_key": again("session"),
    "session_digest_check": "update session set digest = 'purser_1'",
    "session_expiry_check": "update session set expires_at = created_at",
    "mailed_link_digest_key": again("mailed_link"),
    "mailed_link_digest_check": "update mailed_link set digest = 'purser_1'",
    "mailed_link_expiry_check": "update mailed_link set expires_at = created_at",
    "member_invitation_token_key": again("member_invitation", email_key="other@acme.test"),
    "member_invitation_token_check": "update member_invitation set token_digest = 'purser_1'",
    "member_invitation_pending_key": again("member_invitation", token_digest=OTHER),
    "member_invitation_expiry_check": "update member_invitation set expires_at = created_at",
    "stored_answer_key_key": again("stored_answer"),
    "stored_answer_fingerprint_check": "update stored_answer set fingerprint = 'purser_1'",
    "stored_answer_end_check": "update stored_answer set kept_until = created_at",
    "job_attempts_check": "update job set attempts = -1",
}
# What money moves.
WRONG |= {
    "quote_inputs_check": "update quote set inputs = 'price'",
    "plan_subscription_ahead_check": "update plan_subscription set paid_ahead_until = current_period_end",
    "quote_period_check": "update quote set period_end = period_start",
    "quote_expiry_check": "update quote set expires_at = created_at",
    "quote_seats_check": "update quote set seats = -1",
    "quote_amounts_check": "update quote set due_now = due_now + 1",
    "quote_line_period_check": "update quote_line set whole_end = whole_start",
    "quote_line_position_key": again("quote_line"),
    "seat_addition_seats_check": "update seat_addition set seats_after = seats_before",
    "seat_addition_period_check": "update seat_addition set at = period_end",
    "payment_gateway_check": "update payment set gateway = 'OTHER'",
    "payment_carried_check": "update payment set carried = amount + 1",
    "payment_reference_key": "update payment set gateway_reference = 'charge'",
    "payment_under_way_key": f"update payment set status = 'PROCESSING'; {again('payment')}",
    "payment_method_gateway_check": "update payment_method set gateway = 'OTHER'",
    "payment_method_card_key": (
        f"update payment_method set fingerprint = 'print'; {again('payment_method', is_default=False)}"
    ),
    "credit_use_amount_check": "update credit_use set returned = amount + 1",
    "credit_use_key": again("credit_use"),
    "invoice_credit_check": "update invoice set credit_applied = -1",
    "invoice_transfer_key": "update invoice set transfer_reference = 'RF18'",
    "document_counter_key": again("document_counter"),
    "document_counter_check": "update document_counter set invoices = -1",
    "rendered_document_check": "update rendered_document set invoice_id = null",
    "rendered_document_digest_check": "update rendered_document set digest = 'digest'",
    "rendered_document_key": again("rendered_document"),
    "ledger_entry_amount_check": "update ledger_entry set amount = 0",
    "ledger_entry_position_key": again("ledger_entry"),
    "bank_payment_reference_key": again("bank_payment"),
    "bank_payment_amount_check": "update bank_payment set amount = 0",
    "bank_payment_matched_check": "update bank_payment set organization_id = null",
    "gateway_event_key": again("gateway_event"),
    "gateway_event_gateway_check": "update gateway_event set gateway = 'OTHER'",
    "installation_check": "update installation set clock_ahead = -1",
}
WRONG |= {
    f"{noun.table.source}_{column.name}_check": f"update {noun.table.source} set {column.name} = 'OTHER'"
    for noun, column in ENUMS
}
WRONG |= {
    f"{noun.table.source}_currency_check": f"update {noun.table.source} set currency = 'eur'"
    for noun in TABLES
    if "currency" in noun.table.columns
}
# Nobody did it, but as an owner.
WRONG |= {
    "role_grant_granted_as_of_check": "update role_grant set granted_by_id = null",
    "resource_created_as_of_check": "update resource set created_by_id = null",
    "activity_acted_as_of_check": "update activity set actor_id = null",
    "payment_method_added_as_of_check": "update payment_method set added_by_id = null",
    "quote_quoted_as_of_check": "update quote set quoted_as = 'OWNER'",
    "payment_made_as_of_check": "update payment set made_by_id = null",
    "invoice_requested_as_of_check": "update invoice set requested_by_id = null",
    "member_invitation_invited_as_of_check": "update member_invitation set invited_by_id = null",
    "billing_invitation_invited_as_of_check": "update billing_invitation set invited_by_id = null",
    "billing_activity_acted_as_of_check": "update billing_activity set actor_id = null",
}
# Nobody's, or it would be no payment that is matched.
WRONG["bank_payment_status_check"] = "update bank_payment set status = 'OTHER', organization_id = null"
