"""Projects: made, renamed, given up."""

from dataclasses import dataclass
from uuid import UUID

from billing.change import Change, change
from billing.errors import NotFound
from billing.names import unique
from models import ActivityKind, Permission, Project, Resource, Team
from models.changes import ChangeKind


@dataclass(frozen=True)
class Changed:
    """The project; after its end nothing's any more."""

    project_id: UUID


@change(Permission.MANAGE_PROJECTS)
async def create(org: Change, name: str, team_id: UUID | None) -> Changed:
    """Of a team, or of none. Raises NotFound for an unknown team, InvalidName, NameTaken."""
    if team_id and not await org.maybe(Team, id=team_id):
        raise NotFound("teamId")
    project = await org.create(Project, team_id=team_id, name=await unique(org, Project, name), created_at=org.now)
    return await _noted(org, project, ActivityKind.PROJECT_CREATED)


@change(Permission.MANAGE_PROJECTS)
async def rename(org: Change, project_id: UUID, name: str) -> Changed:
    """Raises NotFound, InvalidName, NameTaken."""
    project = await org.one(Project, id=project_id)
    project.name = await unique(org, Project, name, but=project.id)
    await project.save(update_fields=["name"])
    return await _noted(org, project, ActivityKind.PROJECT_RENAMED)


@change(Permission.MANAGE_PROJECTS)
async def delete(org: Change, project_id: UUID) -> Changed:
    """With all of its resources. Raises NotFound."""
    project = await org.one(Project, id=project_id)
    await Resource.filter(organization_id=org.id, project_id=project.id).delete()
    await project.delete()
    return await _noted(org, project, ActivityKind.PROJECT_DELETED)


async def _noted(org: Change, project: Project, kind: ActivityKind) -> Changed:
    await org.note(kind, project.name)
    org.changed(ChangeKind.PROJECTS)
    return Changed(project.id)
