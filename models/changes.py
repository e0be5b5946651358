"""What of an organization changed: told to whoever listens, by PostgreSQL's NOTIFY, when it is committed."""

from enum import StrEnum

CHANNEL = "purser_changes"


class ChangeKind(StrEnum):
    """What to ask for again."""

    PLAN = "PLAN"
    PAYMENT_METHODS = "PAYMENT_METHODS"
    PAYMENTS = "PAYMENTS"
    INVOICES = "INVOICES"
    BILLING_MANAGERS = "BILLING_MANAGERS"
    MEMBERS = "MEMBERS"
    TEAMS = "TEAMS"
    PROJECTS = "PROJECTS"
