"""The organization's work, as a client sees it; never a billing manager."""

from datetime import datetime

import models
from models import ActivityKind, Permission, ResourceKind, Visibility
from resolvers import actors, directory
from schema.connection import Connection
from schema.declare import column, edge, node, record
from schema.people import Actor, Member


@node("proj", models.Project, access=Permission.VIEW_PROJECTS)
class Project:
    """A piece of work."""

    name: str = column(models.Project.name, "What it is called.")
    team: "Team | None" = edge(directory.team, "Whose it is; null if no team's.")
    created_at: datetime = column(models.Project.created_at, "When it was created.")


@node("team", models.Team, access=Permission.VIEW_TEAMS)
class Team:
    """People who work together."""

    name: str = column(models.Team.name, "What it is called.")
    members: Connection[Member] | None = edge(directory.team_members, "Who belongs to it, longest first.")
    projects: Connection[Project] | None = edge(directory.team_projects, "Its work, oldest first.")


@node("res", models.Resource, access=Permission.VIEW_RESOURCES)
class Resource:
    """A thing that people work on."""

    name: str = column(models.Resource.name, "What it is called.")
    kind: ResourceKind = column(models.Resource.kind, "What it is.")
    project: Project | None = edge(directory.project, "Where it belongs.")
    created_at: datetime = column(models.Resource.created_at, "When it was created.")
    created_by: Actor = edge(actors.of(models.Resource.created_by_id, models.Resource.created_as), "Who created it.")


@node("act", models.Activity, access=Permission.VIEW_ACTIVITIES)
class Activity:
    """Something that was done about the organization's work."""

    kind: ActivityKind = column(models.Activity.kind, "What was done.")
    subject: str = column(models.Activity.subject, "What it was done to, by the name that it had.")
    at: datetime = column(models.Activity.at, "When.")
    actor: Actor = edge(actors.of(models.Activity.actor_id, models.Activity.acted_as), "Who did it.")


@record(models.OrganizationSettings)
class OrganizationSettings:
    """How the organization works."""

    time_zone: str = column(models.OrganizationSettings.time_zone, "For showing dates: an IANA name, Europe/Zurich.")
    default_visibility: Visibility = column(models.OrganizationSettings.default_visibility, "Who finds a new project.")
    email_domains: list[str] = column(
        models.OrganizationSettings.email_domains, "The domains of the company's own addresses."
    )
    two_factor_required: bool = column(
        models.OrganizationSettings.two_factor_required, "Whether members must sign in with a second factor."
    )
