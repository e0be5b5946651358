"""Who may what: the one table, as bit masks."""

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What a person is in an organization; one person may be several things."""

    OWNER = "OWNER"
    ADMIN = "ADMIN"
    MEMBER = "MEMBER"
    BILLING_MANAGER = "BILLING_MANAGER"


class Permission(StrEnum):
    """What a viewer may be allowed to do in an organization."""

    VIEW_USAGE = "VIEW_USAGE"
    VIEW_PLAN = "VIEW_PLAN"
    CHANGE_PLAN = "CHANGE_PLAN"
    VIEW_PAYMENT_METHODS = "VIEW_PAYMENT_METHODS"
    MANAGE_PAYMENT_METHODS = "MANAGE_PAYMENT_METHODS"
    VIEW_PAYMENTS = "VIEW_PAYMENTS"
    VIEW_INVOICES = "VIEW_INVOICES"
    REQUEST_INVOICES = "REQUEST_INVOICES"
    VIEW_BILLING_MANAGERS = "VIEW_BILLING_MANAGERS"
    MANAGE_BILLING_MANAGERS = "MANAGE_BILLING_MANAGERS"
    VIEW_BILLING_ACTIVITY = "VIEW_BILLING_ACTIVITY"
    VIEW_MEMBERS = "VIEW_MEMBERS"
    MANAGE_MEMBERS = "MANAGE_MEMBERS"
    VIEW_TEAMS = "VIEW_TEAMS"
    MANAGE_TEAMS = "MANAGE_TEAMS"
    VIEW_PROJECTS = "VIEW_PROJECTS"
    MANAGE_PROJECTS = "MANAGE_PROJECTS"
    VIEW_RESOURCES = "VIEW_RESOURCES"
    MANAGE_RESOURCES = "MANAGE_RESOURCES"
    VIEW_ACTIVITIES = "VIEW_ACTIVITIES"
    VIEW_SETTINGS = "VIEW_SETTINGS"
    MANAGE_SETTINGS = "MANAGE_SETTINGS"
    MANAGE_API_KEYS = "MANAGE_API_KEYS"
    RECORD_USAGE = "RECORD_USAGE"
    TRANSFER_ORGANIZATION = "TRANSFER_ORGANIZATION"

    bit: int


for _position, _permission in enumerate(Permission):
    _permission.bit = 1 << _position


def mask(permissions: Iterable[Permission]) -> int:
    """The permissions as one number, a bit each."""
    found = 0
    for permission in permissions:
        found |= permission.bit
    return found


def permissions_in(granted: int) -> list[Permission]:
    """The permissions that a mask holds, in the order of their definition."""
    return [permission for permission in Permission if permission.bit & granted]


EVERYTHING = mask(Permission)
PLANS_PAGE = mask(
    {
        Permission.VIEW_USAGE,
        Permission.VIEW_PLAN,
        Permission.CHANGE_PLAN,
        Permission.VIEW_PAYMENT_METHODS,
        Permission.MANAGE_PAYMENT_METHODS,
        Permission.VIEW_PAYMENTS,
        Permission.VIEW_INVOICES,
        Permission.REQUEST_INVOICES,
        Permission.VIEW_BILLING_MANAGERS,
        Permission.MANAGE_BILLING_MANAGERS,
        Permission.VIEW_BILLING_ACTIVITY,
    }
)
WORK = mask(
    {
        Permission.VIEW_MEMBERS,
        Permission.VIEW_TEAMS,
        Permission.VIEW_PROJECTS,
        Permission.MANAGE_PROJECTS,
        Permission.VIEW_RESOURCES,
        Permission.MANAGE_RESOURCES,
        Permission.VIEW_ACTIVITIES,
        Permission.VIEW_SETTINGS,
    }
)

GRANTS: dict[Role, int] = {
    Role.OWNER: EVERYTHING,
    Role.ADMIN: EVERYTHING & ~Permission.TRANSFER_ORGANIZATION.bit,
    Role.MEMBER: WORK,
    Role.BILLING_MANAGER: PLANS_PAGE,
}


def granted_to(roles: Iterable[Role]) -> int:
    """What somebody with these roles may do: the union."""
    found = 0
    for role in roles:
        found |= GRANTS[role]
    return found
