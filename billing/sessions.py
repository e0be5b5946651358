"""Sessions of browsers: opened by a password, prolonged by use, closed by their owner."""

from datetime import timedelta
from uuid import UUID

from billing.client import Client
from billing.errors import InvalidCredentials, NotFound
from billing.limits import SIGN_IN
from billing.personal import Account, personal
from billing.room import Room
from billing.sealing import digest
from models import Session, User
from models.addresses import address
from models.viewer import Viewer

VALID = timedelta(days=30)
SEEN = timedelta(hours=1)  # how exactly is known when a session was used last
PROLONG = "update session set seen_at = $2, expires_at = $3 where id = $1 and revoked_at is null and seen_at < $2"
LONGEST_AGENT = 200


async def sign_in(room: Room, client: Client, email: str, password: str) -> UUID:
    """Open a session in place of the one that the browser had; gives whose. Raises InvalidCredentials, RateLimited.

    An unknown address is compared with nobody's password: it costs the same.
    """
    found = address(email, special=room.special_addresses)
    key = found.key if found else email.strip().lower().replace("\0", "\ufffd")  # PostgreSQL takes no NUL
    await room.limits.spend(SIGN_IN, client=client.address, subject=key)
    known = await User.get_or_none(email_key=key)
    kept = known.password_digest if known else None
    if not await room.passwords.match(kept, password) or known is None or kept is None:
        raise InvalidCredentials
    renewed = await room.passwords.renewed(kept, password)
    client.keep(await _opened(room, {"id": known.id}, client, kept, renewed))
    return known.id


@personal
async def _opened(account: Account, client: Client, kept: str, renewed: str) -> str:
    """The text of the new session; unless the password was changed while it was compared."""
    user = account.user
    if user is None or user.password_digest != kept:
        raise InvalidCredentials
    if renewed != kept:
        user.password_digest = renewed
        await user.save(update_fields=["password_digest"])
    if client.session:
        await close(account, digest=digest(client.session))
    text = account.room.tokens()
    await account.create(
        Session,
        user_id=user.id,
        digest=digest(text),
        client="".join(letter for letter in client.agent if letter.isprintable())[:LONGEST_AGENT],
        created_at=account.now,
        seen_at=account.now,
        expires_at=account.now + VALID,
    )
    return text


async def sign_out(room: Room, viewer: Viewer, client: Client) -> None:
    """Close the session that asks, if one does."""
    if viewer.session_id:
        await _closed(room, {"id": viewer.user_id}, viewer.session_id)
    client.forget()


async def revoke(room: Room, viewer: Viewer, client: Client, session_id: UUID) -> None:
    """Close one of the viewer's sessions, from another of his. Raises NotFound."""
    if viewer.session_id is None or not await _closed(room, {"id": viewer.user_id}, session_id):
        raise NotFound("sessionId")
    if session_id == viewer.session_id:
        client.forget()


@personal
async def _closed(account: Account, session_id: UUID) -> bool:
    return account.user is not None and bool(await close(account, id=session_id, user_id=account.user.id))


async def close(account: Account, **which: object) -> int:
    """Revoke open sessions; gives how many."""
    return await Session.filter(revoked_at=None, expires_at__gt=account.now, **which).update(revoked_at=account.now)
