"""API keys: made by their owner, carried by his roles, gone with them.

A key carries only roles that its maker had when he made it. One that is made through another key may do no more than
that one, and dies no later.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from tortoise.expressions import Q

from billing.answers import Answers
from billing.change import Change, change
from billing.errors import Empty, Forbidden, InvalidInput, InvalidPermissions, NotFound, Refusal, TooMany
from billing.names import named
from billing.personal import Account, personal
from billing.rights import unlimited
from billing.room import Room
from models import ApiKey, Permission, Role, RoleGrant, Session, api_keys
from models.roles import EVERYTHING, GRANTS, granted_to, mask, permissions_in
from models.transactions import rows
from models.viewer import Viewer

RANDOM_BYTES = 32
MOST = 100  # of one maker that are alive: lists of them are not paged


@dataclass(frozen=True)
class Made:
    """The key. Its text is told this once: it is no part of the answer that is stored."""

    api_key_id: UUID
    secret: Annotated[str | None, Field(exclude=True)] = None


@dataclass(frozen=True)
class Revoked:
    """The key that is dead."""

    api_key_id: UUID


@dataclass(frozen=True)
class Wanted:
    """What its maker asks for: `permissions` null is all that he may do, `expires_at` null is never."""

    name: str
    permissions: list[Permission] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Reach:
    """What can be given to a key: what its maker is and may do, through the key that he uses if he uses one."""

    held: tuple[Role, ...]
    granted: int
    through: ApiKey | None


async def create(room: Room, viewer: Viewer, organization: UUID | None, key: str | None, wanted: Wanted) -> Made:
    """A key that is good in the organization; in all of the viewer's if none is given, or in that of the key he uses.

    Raises Forbidden for nobody and for who has no role, NotFound, InvalidName, InvalidPermissions, Empty, InvalidInput
    and TooMany.
    """
    if viewer.user_id is None:
        raise Forbidden
    used = await ApiKey.get_or_none(id=viewer.key_id) if viewer.key_id else None
    where = organization or (used.organization_id if used else None)
    if where:
        return await create_in(room, viewer, where, key, wanted)
    return await _create_everywhere(room, {"id": viewer.user_id}, viewer, key, wanted)


@change(None)
async def create_in(org: Change, wanted: Wanted) -> Made:
    """A key for one organization."""
    if org.author is None:
        raise Forbidden
    through = await ApiKey.get(id=org.key_id) if org.key_id else None
    return await _issued(org.room, org.now, org.author, org.id, Reach(org.held, org.granted, through), wanted)


@personal
async def _create_everywhere(account: Account, viewer: Viewer, key: str | None, wanted: Wanted) -> Made | Refusal:
    reach, user = await _reach(account, viewer), viewer.user_id
    if user is None:
        raise Forbidden

    async def made() -> Made:
        return await _issued(account.room, account.now, user, None, reach, wanted)

    if key is None:
        return await made()
    answers = Answers(account.room, user, None, key, ["create key", wanted])
    return await answers.once(Made, account.now, made)


async def revoke(room: Room, viewer: Viewer, key: str, api_key_id: UUID) -> Revoked:
    """End a key of the viewer's, or of an organization whose keys he manages. Raises NotFound for every other.

    A key that was narrowed when it was made ends itself, and no other of its maker's.
    """
    found = await ApiKey.get_or_none(id=api_key_id)
    own = api_key_id == viewer.key_id or await unlimited(viewer, room.clock())
    if found is None or not _may_end(viewer, found, own=own):
        raise NotFound("apiKeyId")
    if found.organization_id:
        return await revoke_in(room, viewer, found.organization_id, key, api_key_id)
    return await _revoke_everywhere(room, {"id": viewer.user_id}, key, api_key_id)


@change(None)
async def revoke_in(org: Change, api_key_id: UUID) -> Revoked:
    """End a key that is good in one organization."""
    found = await ApiKey.get_or_none(id=api_key_id, organization_id=org.id, revoked_at=None)
    if found is None or (found.user_id != org.author and not org.granted & Permission.MANAGE_API_KEYS.bit):
        raise NotFound("apiKeyId")
    return await _ended(found, org.now)


@personal
async def _revoke_everywhere(account: Account, key: str, api_key_id: UUID) -> Revoked | Refusal:
    user = account.user
    if user is None:
        raise NotFound("apiKeyId")

    async def ended() -> Revoked:
        found = await ApiKey.get_or_none(id=api_key_id, user_id=user.id, organization_id=None, revoked_at=None)
        if found is None:
            raise NotFound("apiKeyId")
        return await _ended(found, account.now)

    answers = Answers(account.room, user.id, None, key, ["revoke key", api_key_id])
    return await answers.once(Revoked, account.now, ended)


async def revoke_carried(org: Change, user: UUID, role: Role) -> None:
    """Revoke a person's keys that are good here only and were made under this role, or all of them if none is left."""
    await rows(
        "update api_key set revoked_at = $4 where organization_id = $1 and user_id = $2 and revoked_at is null"
        " and (made_as = $3 or not exists (select from role_grant where organization_id = $1 and user_id = $2))"
        " returning id",
        org.id,
        user,
        role,
        org.now,
    )


async def _issued(
    room: Room, now: datetime, user: UUID, organization: UUID | None, reach: Reach, wanted: Wanted
) -> Made:
    name, chosen, expires_at = named(wanted.name, "name"), _chosen(reach, wanted), _end(reach, wanted, now)
    alive = ApiKey.filter(Q(expires_at=None) | Q(expires_at__gt=now), user_id=user, revoked_at=None)
    if await alive.count() >= MOST:
        raise TooMany
    text = api_keys.written(secrets.token_bytes(RANDOM_BYTES))
    made = await ApiKey.create(
        id=room.ids(now),
        user_id=user,
        organization_id=organization,
        name=name,
        prefix=api_keys.shown(text),
        digest=api_keys.digest(text),
        permissions=chosen,
        made_as=_carrier(reach, chosen),
        created_at=now,
        expires_at=expires_at,
    )
    return Made(made.id, text)


def _chosen(reach: Reach, wanted: Wanted) -> list[Permission] | None:
    """What the key may do at most. Raises Empty, InvalidPermissions."""
    if wanted.permissions is None:
        return permissions_in(reach.granted) if reach.through else None
    if not wanted.permissions:
        raise Empty("permissions")
    if mask(wanted.permissions) & ~reach.granted:
        raise InvalidPermissions("permissions")
    return permissions_in(mask(wanted.permissions))


def _end(reach: Reach, wanted: Wanted, now: datetime) -> datetime | None:
    """When it dies. Raises InvalidInput for what is past, and for what outlives the key that it is made through."""
    last = reach.through.expires_at if reach.through else None
    if wanted.expires_at and (wanted.expires_at <= now or (last and wanted.expires_at > last)):
        raise InvalidInput("expiresAt")
    return wanted.expires_at or last


def _carrier(reach: Reach, chosen: list[Permission] | None) -> Role:
    """The role that the key dies with: the first of his that allows all of it, or else his first."""
    needed = mask(chosen or ())
    return next((role for role in reach.held if not needed & ~GRANTS[role]), reach.held[0])


async def _reach(account: Account, viewer: Viewer) -> Reach:
    """What the viewer may do anywhere, now.

    Raises Forbidden for who has no role, and InvalidInput if the key that he uses carries not all of his roles: another
    one without an organization would.
    """
    now, grants = account.now, await RoleGrant.filter(user_id=viewer.user_id)
    alive = Q(expires_at=None) | Q(expires_at__gt=now)
    through = await ApiKey.get_or_none(alive, id=viewer.key_id, revoked_at=None) if viewer.key_id else None
    session = await Session.exists(id=viewer.session_id, revoked_at=None, expires_at__gt=now)
    if not grants or (viewer.key_id and through is None) or (viewer.session_id and not session):
        raise Forbidden
    if through and any(grant.since > through.created_at for grant in grants):
        raise InvalidInput("organizationId")
    held = tuple(role for role in Role if role in {grant.role for grant in grants})
    chosen = through.permissions if through else None
    limit = EVERYTHING if chosen is None else mask(Permission(one) for one in chosen)
    return Reach(held, granted_to(held) & limit, through)


def _may_end(viewer: Viewer, key: ApiKey, *, own: bool) -> bool:
    """As far as the request knows; asked again under the lock. `own`: he may end his own keys."""
    if key.organization_id and key.organization_id not in viewer.standings:
        return False
    manages = key.organization_id and viewer.granted(key.organization_id) & Permission.MANAGE_API_KEYS.bit
    return (own and key.user_id == viewer.user_id) or bool(manages)


async def _ended(key: ApiKey, now: datetime) -> Revoked:
    key.revoked_at = now
    await key.save(update_fields=["revoked_at"])
    return Revoked(key.id)
