"""What of an organization changed: told to whoever listens, by PostgreSQL's NOTIFY, when it is committed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import orjson

from models.roles import Permission

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


# Who may be told: who may read what changed.
NEEDS = {
    ChangeKind.PLAN: Permission.VIEW_PLAN,
    ChangeKind.PAYMENT_METHODS: Permission.VIEW_PAYMENT_METHODS,
    ChangeKind.PAYMENTS: Permission.VIEW_PAYMENTS,
    ChangeKind.INVOICES: Permission.VIEW_INVOICES,
    ChangeKind.BILLING_MANAGERS: Permission.VIEW_BILLING_MANAGERS,
    ChangeKind.MEMBERS: Permission.VIEW_MEMBERS,
    ChangeKind.TEAMS: Permission.VIEW_TEAMS,
    ChangeKind.PROJECTS: Permission.VIEW_PROJECTS,
}


@dataclass(frozen=True)
class Hint:
    """That something of this kind changed."""

    kind: ChangeKind
    at: datetime


@dataclass(frozen=True)
class Notice:
    """A notification: a hint for an organization, or that somebody's rights may be others now."""

    organization: UUID | None = None
    hint: Hint | None = None
    user: UUID | None = None


def kinds_open_to(granted: int) -> frozenset[ChangeKind]:
    """The kinds that somebody who may do this may be told of."""
    return frozenset(kind for kind, permission in NEEDS.items() if permission.bit & granted)


def noticed(payload: str) -> Notice:
    """What a notification says. Raises ValueError for one that is not ours."""
    try:
        told = orjson.loads(payload)
        if "user" in told:
            return Notice(user=UUID(told["user"]))
        hint = Hint(ChangeKind(told["kind"]), datetime.fromisoformat(told["at"]))
        return Notice(organization=UUID(told["organization"]), hint=hint)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a notice of ours") from error
