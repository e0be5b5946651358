"""Mutations about teams."""

import strawberry

import models
from billing import teams
from schema import ids
from schema.directory import Team
from schema.mutation import IDEMPOTENCY_KEY, Asking, asked, given, mutation, payload, told

TEAM = ("Team", "teamId")
NAME = "1 to 100 characters; no other team is called so."


@asked
class CreateTeamInput:
    """What to create."""

    organization_id: strawberry.ID = given("Where.")
    name: str = given(NAME)
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class CreateTeamPayload:
    """Errors: NOT_FOUND, INVALID_NAME, NAME_TAKEN."""

    team: Team | None = told("The team, with nobody in it.")


async def _create(ask: Asking, given: CreateTeamInput) -> CreateTeamPayload:
    organization = ask.organization(given.organization_id)
    done = await ask.perform(teams.create, organization, given.idempotency_key, given.name)
    return CreateTeamPayload(team=await ask.row(models.Team, done.team_id))


@asked
class RenameTeamInput:
    """Which team is called what."""

    team_id: strawberry.ID = given("The team.")
    name: str = given(NAME)
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class RenameTeamPayload:
    """Errors: NOT_FOUND, INVALID_NAME, NAME_TAKEN."""

    team: Team | None = told("The team.")


async def _rename(ask: Asking, given: RenameTeamInput) -> RenameTeamPayload:
    noun, path = TEAM
    key, organization = await ask.place(noun, given.team_id, given.idempotency_key, path)
    await ask.perform(teams.rename, organization, given.idempotency_key, key, given.name)
    return RenameTeamPayload(team=await ask.row(models.Team, key))


@asked
class DeleteTeamInput:
    """Which team to delete."""

    team_id: strawberry.ID = given("The team.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class DeleteTeamPayload:
    """Errors: NOT_FOUND."""

    deleted_team_id: strawberry.ID | None = told("What is there no more.")


async def _delete(ask: Asking, given: DeleteTeamInput) -> DeleteTeamPayload:
    noun, path = TEAM
    key, organization = await ask.place(noun, given.team_id, given.idempotency_key, path)
    done = await ask.perform(teams.delete, organization, given.idempotency_key, key)
    return DeleteTeamPayload(deleted_team_id=strawberry.ID(ids.write("team", done.team_id)))


@asked
class AddTeamMemberInput:
    """Who joins which team."""

    team_id: strawberry.ID = given("The team.")
    member_id: strawberry.ID = given("The member.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class AddTeamMemberPayload:
    """Errors: NOT_FOUND. Who belongs to the team already goes on to."""

    team: Team | None = told("The team.")


async def _add_member(ask: Asking, given: AddTeamMemberInput) -> AddTeamMemberPayload:
    noun, path = TEAM
    key, organization = await ask.place(noun, given.team_id, given.idempotency_key, path)
    member = await ask.within(organization, "Member", given.member_id, given.idempotency_key, "memberId")
    await ask.perform(teams.add_member, organization, given.idempotency_key, key, member)
    return AddTeamMemberPayload(team=await ask.row(models.Team, key))


@asked
class RemoveTeamMemberInput:
    """Who leaves which team."""

    team_id: strawberry.ID = given("The team.")
    member_id: strawberry.ID = given("The member.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class RemoveTeamMemberPayload:
    """Errors: NOT_FOUND, also for who does not belong to the team."""

    team: Team | None = told("The team.")


async def _remove_member(ask: Asking, given: RemoveTeamMemberInput) -> RemoveTeamMemberPayload:
    noun, path = TEAM
    key, organization = await ask.place(noun, given.team_id, given.idempotency_key, path)
    member = await ask.within(organization, "Member", given.member_id, given.idempotency_key, "memberId")
    await ask.perform(teams.remove_member, organization, given.idempotency_key, key, member)
    return RemoveTeamMemberPayload(team=await ask.row(models.Team, key))


@strawberry.type
class TeamMutations:
    """Who works together."""

    create_team: CreateTeamPayload | None = mutation(_create, "Creates a team.", of=teams.create)
    rename_team: RenameTeamPayload | None = mutation(_rename, "Calls a team by another name.", of=teams.rename)
    delete_team: DeleteTeamPayload | None = mutation(
        _delete, "Deletes a team; its members and projects stay.", of=teams.delete
    )
    add_team_member: AddTeamMemberPayload | None = mutation(
        _add_member, "Puts a member into a team.", of=teams.add_member
    )
    remove_team_member: RemoveTeamMemberPayload | None = mutation(
        _remove_member, "Takes a member out of a team.", of=teams.remove_member
    )
