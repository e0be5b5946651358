"""People, as far as a viewer may know them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import models
from models import Permission, Role
from resolvers import actors, directory
from schema.declare import column, edge, node, record, value

if TYPE_CHECKING:
    from schema.directory import Team


@record(models.User, prefix="user")
class User:
    """Somebody's account, for who may know the person."""

    name: str = column(models.User.name, "Full name.")
    email: str = column(models.User.email, "Where mail goes.")


@node("mem", models.Member, access=Permission.VIEW_MEMBERS)
class Member:
    """One of the people of the organization, who takes a seat. Somebody who is billing manager only is none."""

    user: User = edge(directory.user, "Who it is.")
    roles: list[Role] = edge(directory.roles, "What he is in the organization, as far as the viewer may know.")
    joined_at: datetime = column(models.Member.joined_at, "Since when.")
    teams: list[Annotated["Team", strawberry.lazy("schema.directory")]] | None = edge(
        directory.member_teams, "The teams he belongs to."
    )


@value
class OrganizationAdministrator:
    """Somebody who runs the organization; who it is stays hidden."""

    label: str = strawberry.field(description="For people.")


@value
class FormerUser:
    """Somebody who has left."""

    label: str = strawberry.field(description="For people.")


@value
class System:
    """Nobody: it happened by itself, a renewal for example."""

    label: str = strawberry.field(description="For people.")


@node("bman", models.BillingManager, access=Permission.VIEW_BILLING_MANAGERS)
class BillingManager:
    """Somebody who looks after the money."""

    name: str = column(models.BillingManager.name, "Full name.")
    email: str = column(models.BillingManager.email, "Where mail goes.")
    since: datetime = column(models.BillingManager.since, "Since when.")
    invited_by: "Actor" = edge(
        actors.of(models.BillingManager.granted_by_id, models.BillingManager.granted_as), "Who invited him."
    )


Actor = Annotated[
    BillingManager | Member | OrganizationAdministrator | FormerUser | System,
    strawberry.union(
        "Actor",
        description=(
            "Who did it, as far as the viewer may know. Who may know the organization's people sees the person, or"
            " FormerUser. A billing manager sees other billing managers by name, FormerUser for who acted as one and is"
            " none any more, and OrganizationAdministrator, one constant without id, for everybody else, gone or not."
        ),
    ),
]
