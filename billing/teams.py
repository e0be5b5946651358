"""Teams: made, renamed, given up, and who is in them."""

from dataclasses import dataclass
from uuid import UUID

from billing.change import Change, change
from billing.errors import NotFound
from billing.names import unique
from models import ActivityKind, Member, Permission, Project, Team, TeamMember, User
from models.changes import ChangeKind


@dataclass(frozen=True)
class Changed:
    """The team; after its end nothing's any more."""

    team_id: UUID


@change(Permission.MANAGE_TEAMS)
async def create(org: Change, name: str) -> Changed:
    """Raises InvalidName, NameTaken."""
    team = await org.create(Team, name=await unique(org, Team, name), created_at=org.now)
    return await _noted(org, team, ActivityKind.TEAM_CREATED)


@change(Permission.MANAGE_TEAMS)
async def rename(org: Change, team_id: UUID, name: str) -> Changed:
    """Raises NotFound, InvalidName, NameTaken."""
    team = await org.one(Team, id=team_id)
    team.name = await unique(org, Team, name, but=team.id)
    await team.save(update_fields=["name"])
    return await _noted(org, team, ActivityKind.TEAM_RENAMED)


@change(Permission.MANAGE_TEAMS)
async def delete(org: Change, team_id: UUID) -> Changed:
    """Its projects stay, and are no team's. Raises NotFound."""
    team = await org.one(Team, id=team_id)
    await Project.filter(organization_id=org.id, team_id=team.id).update(team_id=None)
    await team.delete()
    org.changed(ChangeKind.PROJECTS)
    return await _noted(org, team, ActivityKind.TEAM_DELETED)


@change(Permission.MANAGE_TEAMS)
async def add_member(org: Change, team_id: UUID, member_id: UUID) -> Changed:
    """Who belongs to it already goes on to. Raises NotFound."""
    team, member = await org.one(Team, id=team_id), await _member(org, member_id)
    of = {"team_id": team.id, "member_id": member.id}
    if await org.maybe(TeamMember, **of):
        return Changed(team.id)
    await org.create(TeamMember, **of, joined_at=org.now)
    return await _joined_or_left(org, team, member, ActivityKind.TEAM_MEMBER_ADDED)


@change(Permission.MANAGE_TEAMS)
async def remove_member(org: Change, team_id: UUID, member_id: UUID) -> Changed:
    """Raises NotFound, also for a member who does not belong to it."""
    team, member = await org.one(Team, id=team_id), await _member(org, member_id)
    if not await TeamMember.filter(organization_id=org.id, team_id=team.id, member_id=member.id).delete():
        raise NotFound("memberId")
    return await _joined_or_left(org, team, member, ActivityKind.TEAM_MEMBER_REMOVED)


async def _member(org: Change, member_id: UUID) -> Member:
    member = await org.maybe(Member, id=member_id)
    if member is None:
        raise NotFound("memberId")
    return member


async def _joined_or_left(org: Change, team: Team, member: Member, kind: ActivityKind) -> Changed:
    person = await User.get(id=member.user_id)
    await org.note(kind, f"{team.name}: {person.name}")
    org.changed(ChangeKind.TEAMS)
    return Changed(team.id)


async def _noted(org: Change, team: Team, kind: ActivityKind) -> Changed:
    await org.note(kind, team.name)
    org.changed(ChangeKind.TEAMS)
    return Changed(team.id)
