"""The organization's work: teams, projects, resources, activities and settings. Never a billing manager's business."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.managers import InvitationStatus
from models.people import Member
from models.roles import Role
from models.table import Column, Derived, Tenant


class ResourceKind(StrEnum):
    """What a resource is."""

    COLLECTION = "COLLECTION"
    ENVIRONMENT = "ENVIRONMENT"
    DOCUMENTATION = "DOCUMENTATION"
    MOCK_SERVER = "MOCK_SERVER"
    TEST_SUITE = "TEST_SUITE"


class ActivityKind(StrEnum):
    """What happened to the organization's work."""

    MEMBER_INVITED = "MEMBER_INVITED"
    INVITATION_REVOKED = "INVITATION_REVOKED"
    MEMBER_JOINED = "MEMBER_JOINED"
    MEMBER_REMOVED = "MEMBER_REMOVED"
    MEMBER_ROLE_CHANGED = "MEMBER_ROLE_CHANGED"
    TEAM_CREATED = "TEAM_CREATED"
    TEAM_RENAMED = "TEAM_RENAMED"
    TEAM_DELETED = "TEAM_DELETED"
    TEAM_MEMBER_ADDED = "TEAM_MEMBER_ADDED"
    TEAM_MEMBER_REMOVED = "TEAM_MEMBER_REMOVED"
    PROJECT_CREATED = "PROJECT_CREATED"
    PROJECT_RENAMED = "PROJECT_RENAMED"
    PROJECT_DELETED = "PROJECT_DELETED"
    RESOURCE_CREATED = "RESOURCE_CREATED"
    RESOURCE_DELETED = "RESOURCE_DELETED"
    SETTINGS_CHANGED = "SETTINGS_CHANGED"


class Visibility(StrEnum):
    """Who finds a new project."""

    ORGANIZATION = "ORGANIZATION"
    TEAM = "TEAM"


class Team(Tenant):
    """People who work together."""

    name = Column[str]()
    created_at = Column[datetime]()


class TeamMember(Tenant):
    """That a member belongs to a team."""

    team_id = Column[UUID]()
    member_id = Column[UUID]()
    joined_at = Column[datetime]()


class MemberOfTeam(Derived, source="member_of_team", noun=Member.__name__):
    """Members by team: the row of a member, and the team he was found through."""

    id = Column[UUID]()
    organization_id = Column[UUID]()
    user_id = Column[UUID]()
    joined_at = Column[datetime]()
    team_id = Column[UUID]()
    joined_team_at = Column[datetime]()


class TeamOfMember(Derived, source="team_of_member", noun=Team.__name__):
    """Teams by member: the row of a team, and the member it was found through."""

    id = Column[UUID]()
    organization_id = Column[UUID]()
    name = Column[str]()
    created_at = Column[datetime]()
    member_id = Column[UUID]()


class Project(Tenant):
    """A piece of work, of a team or of nobody's."""

    team_id = Column[UUID | None]()
    name = Column[str]()
    created_at = Column[datetime]()


class Resource(Tenant):
    """A thing that people work on, inside a project."""

    project_id = Column[UUID]()
    kind = Column[ResourceKind]()
    name = Column[str]()
    created_at = Column[datetime]()
    created_by_id = Column[UUID | None]()
    created_as = Column[Role | None]()


class Activity(Tenant):
    """What somebody did. `subject` is the name that the thing had then."""

    kind = Column[ActivityKind]()
    subject = Column[str]()
    at = Column[datetime]()
    actor_id = Column[UUID | None]()
    acted_as = Column[Role | None]()


class MemberInvitation(Tenant):
    """An invitation to become one of the people; while it is PENDING it holds a seat. Else as a BillingInvitation."""

    email = Column[str]()
    email_key = Column[str]()
    role = Column[Role]()
    status = Column[InvitationStatus]()
    token_digest = Column[bytes]()
    created_at = Column[datetime]()
    expires_at = Column[datetime]()
    invited_by_id = Column[UUID | None]()
    invited_as = Column[Role | None]()
    accepted_by_id = Column[UUID | None]()
    refused_attempts = Column[int](default=0)


class OrganizationSettings(Tenant):
    """One row an organization."""

    time_zone = Column[str]()
    default_visibility = Column[Visibility]()
    email_domains = Column[list[str]]()
    two_factor_required = Column[bool]()
