"""Mutations about projects and the resources in them."""

import strawberry

import models
from billing import projects, resources
from models import ResourceKind
from schema import ids
from schema.directory import Project, Resource
from schema.mutation import IDEMPOTENCY_KEY, Asking, asked, given, mutation, payload, told

PROJECT = ("Project", "projectId")
NAME = "1 to 100 characters; no other project is called so."


@asked
class CreateProjectInput:
    """What to create."""

    organization_id: strawberry.ID = given("Where.")
    name: str = given(NAME)
    team_id: strawberry.ID | None = given("Whose it is; nobody's if not given.", default=None)
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class CreateProjectPayload:
    """Errors: NOT_FOUND, INVALID_NAME, NAME_TAKEN."""

    project: Project | None = told("The project.")


async def _create(ask: Asking, given: CreateProjectInput) -> CreateProjectPayload:
    organization, team = ask.organization(given.organization_id), None
    if given.team_id is not None:
        team = await ask.within(organization, "Team", given.team_id, given.idempotency_key, "teamId")
    done = await ask.perform(projects.create, organization, given.idempotency_key, given.name, team)
    return CreateProjectPayload(project=await ask.row(models.Project, done.project_id))


@asked
class RenameProjectInput:
    """Which project is called what."""

    project_id: strawberry.ID = given("The project.")
    name: str = given(NAME)
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class RenameProjectPayload:
    """Errors: NOT_FOUND, INVALID_NAME, NAME_TAKEN."""

    project: Project | None = told("The project.")


async def _rename(ask: Asking, given: RenameProjectInput) -> RenameProjectPayload:
    noun, path = PROJECT
    key, organization = await ask.place(noun, given.project_id, given.idempotency_key, path)
    await ask.perform(projects.rename, organization, given.idempotency_key, key, given.name)
    return RenameProjectPayload(project=await ask.row(models.Project, key))


@asked
class DeleteProjectInput:
    """Which project to delete."""

    project_id: strawberry.ID = given("The project.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class DeleteProjectPayload:
    """Errors: NOT_FOUND."""

    deleted_project_id: strawberry.ID | None = told("What is there no more.")


async def _delete(ask: Asking, given: DeleteProjectInput) -> DeleteProjectPayload:
    noun, path = PROJECT
    key, organization = await ask.place(noun, given.project_id, given.idempotency_key, path)
    done = await ask.perform(projects.delete, organization, given.idempotency_key, key)
    return DeleteProjectPayload(deleted_project_id=strawberry.ID(ids.write("proj", done.project_id)))


@asked
class CreateResourceInput:
    """What to create."""

    project_id: strawberry.ID = given("Where it belongs.")
    kind: ResourceKind = given("What it is.")
    name: str = given("1 to 100 characters; no other resource of this kind in the project is called so.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class CreateResourcePayload:
    """Errors: NOT_FOUND, INVALID_NAME, NAME_TAKEN."""

    resource: Resource | None = told("The resource.")


async def _create_resource(ask: Asking, given: CreateResourceInput) -> CreateResourcePayload:
    noun, path = PROJECT
    project, organization = await ask.place(noun, given.project_id, given.idempotency_key, path)
    done = await ask.perform(resources.create, organization, given.idempotency_key, project, given.kind, given.name)
    return CreateResourcePayload(resource=await ask.row(models.Resource, done.resource_id))


@asked
class DeleteResourceInput:
    """Which resource to delete."""

    resource_id: strawberry.ID = given("The resource.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class DeleteResourcePayload:
    """Errors: NOT_FOUND."""

    deleted_resource_id: strawberry.ID | None = told("What is there no more.")


async def _delete_resource(ask: Asking, given: DeleteResourceInput) -> DeleteResourcePayload:
    key, organization = await ask.place("Resource", given.resource_id, given.idempotency_key, "resourceId")
    done = await ask.perform(resources.delete, organization, given.idempotency_key, key)
    return DeleteResourcePayload(deleted_resource_id=strawberry.ID(ids.write("res", done.resource_id)))


@strawberry.type
class ProjectMutations:
    """What is worked on."""

    create_project: CreateProjectPayload | None = mutation(_create, "Creates a project.", of=projects.create)
    rename_project: RenameProjectPayload | None = mutation(
        _rename, "Calls a project by another name.", of=projects.rename
    )
    delete_project: DeleteProjectPayload | None = mutation(
        _delete, "Deletes a project with all of its resources.", of=projects.delete
    )
    create_resource: CreateResourcePayload | None = mutation(
        _create_resource, "Creates a resource in a project.", of=resources.create
    )
    delete_resource: DeleteResourcePayload | None = mutation(
        _delete_resource, "Deletes a resource.", of=resources.delete
    )
