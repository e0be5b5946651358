"""Resources: the things in projects that people work on."""

from dataclasses import dataclass
from uuid import UUID

from billing.change import Change, change
from billing.errors import NotFound
from billing.names import unique
from models import ActivityKind, Permission, Project, Resource, ResourceKind
from models.changes import ChangeKind


@dataclass(frozen=True)
class Changed:
    """The resource; after its end nothing's any more."""

    resource_id: UUID


@change(Permission.MANAGE_RESOURCES)
async def create(org: Change, project_id: UUID, kind: ResourceKind, name: str) -> Changed:
    """Names are unique within a project and a kind. Raises NotFound for the project, InvalidName, NameTaken."""
    project = await org.maybe(Project, id=project_id)
    if project is None:
        raise NotFound("projectId")
    resource = await org.create(
        Resource,
        project_id=project.id,
        kind=kind,
        name=await unique(org, Resource, name, project_id=project.id, kind=kind),
        created_at=org.now,
        created_by_id=org.author,
        created_as=org.acting_as,
    )
    return await _noted(org, resource, ActivityKind.RESOURCE_CREATED)


@change(Permission.MANAGE_RESOURCES)
async def delete(org: Change, resource_id: UUID) -> Changed:
    """Raises NotFound."""
    resource = await org.one(Resource, id=resource_id)
    await resource.delete()
    return await _noted(org, resource, ActivityKind.RESOURCE_DELETED)


async def _noted(org: Change, resource: Resource, kind: ActivityKind) -> Changed:
    await org.note(kind, resource.name)
    org.changed(ChangeKind.PROJECTS)
    return Changed(resource.id)
