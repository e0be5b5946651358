"""Who did it, as far as the viewer may know."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import models
from models.roles import Permission, Role
from models.table import Column, Noun
from resolvers.relations import Case, Choice, Constant, One

ADMINISTRATOR = Constant("OrganizationAdministrator", "Organization administrator")
FORMER = Constant("FormerUser", "Former user")
SYSTEM = Constant("System", "Purser")


def of(user: Column[UUID] | Column[UUID | None], acted_as: Column[Role | None]) -> Choice:
    """The actor that `user` names, who acted in the role `acted_as`; no user is the system.

    Who may view members sees the member. Who may not sees a present billing manager by name, and of everybody else
    one constant: whether an administrator is still there is hidden too. Who may view neither sees that constant only.
    """
    return Choice(
        user,
        (
            Case(found=_person(models.Member, user), needs=Permission.VIEW_MEMBERS),
            Case(found=_person(models.BillingManager, user), needs=Permission.VIEW_BILLING_MANAGERS),
            Case(constant=FORMER, needs=Permission.VIEW_MEMBERS),
            Case(constant=FORMER, when=(acted_as.name, Role.BILLING_MANAGER), needs=Permission.VIEW_BILLING_MANAGERS),
            Case(constant=ADMINISTRATOR),
        ),
        absent=SYSTEM,
    )


def _person(noun: type[Noun], user: Column[Any]) -> One[Any]:
    return One(noun.table, ((noun.table.columns["user_id"], user.name),))


def requester(user: Column[UUID | None], acted_as: Column[Role | None]) -> Choice:
    """The same for what may have been done by nobody: null rather than the system."""
    return replace(of(user, acted_as), absent=None)
