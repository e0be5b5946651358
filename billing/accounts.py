"""Accounts: made by signing up, proved and recovered by a mailed link. Known and unknown addresses are one answer."""

from datetime import timedelta
from uuid import UUID

from billing.client import Client
from billing.errors import InvalidAddress, InvalidLink
from billing.limits import MAILED_LINK, PASSWORD_RESET, SIGN_UP
from billing.names import named
from billing.passwords import check
from billing.personal import Account, personal
from billing.room import Room
from billing.sealing import digest
from billing.sessions import close
from mailer import messages
from models import LinkKind, MailedLink
from models.addresses import Address, address
from models.transactions import rows

VALID = {LinkKind.VERIFY_EMAIL: timedelta(hours=24), LinkKind.RESET_PASSWORD: timedelta(hours=1)}

# Each is one statement for known and unknown addresses: what it finds decides whether it writes.
ADD = """
insert into user_account (id, name, email, email_key, password_digest, created_at) values ($1, $2, $3, $4, $5, $6)
on conflict (email_key) do nothing returning id
"""
LINK = """
insert into mailed_link (id, user_id, kind, digest, email_key, created_at, expires_at)
select $1, id, $2, $3, email_key, $4, $5 from user_account where id = $6
"""


async def sign_up(room: Room, client: Client, email: str, password: str, name: str) -> None:
    """Make an account, unless the address has one: then its owner is told, and nobody else.

    Raises InvalidAddress, InvalidName, WeakPassword, RateLimited, all before the address is looked up.
    """
    found, called = _address(room, email), named(name, "name")
    check(password, found.typed, found.key)
    await room.limits.spend(SIGN_UP, client=client.address, subject=found.key)
    await _signed_up(room, {"email_key": found.key}, found, called, await room.passwords.hash(password))


@personal
async def _signed_up(account: Account, found: Address, name: str, password_digest: str) -> None:
    now, token = account.now, account.room.tokens()
    made = account.room.ids(now)
    added = await rows(ADD, made, name, found.typed, found.key, password_digest, now)
    await _link(account, made, LinkKind.VERIFY_EMAIL, token)
    if added:
        account.mail(messages.verify_email(found.typed, token))
    else:
        account.mail(messages.account_exists(account.user.email if account.user else found.typed))


async def request_reset(room: Room, client: Client, email: str) -> None:
    """Mail a link to choose a new password; where there is no account, a mail that says so.

    Raises InvalidAddress and RateLimited.
    """
    found = _address(room, email)
    await room.limits.spend(PASSWORD_RESET, client=client.address, subject=found.key)
    await _asked_for_reset(room, {"email_key": found.key}, found)


@personal
async def _asked_for_reset(account: Account, found: Address) -> None:
    token, user = account.room.tokens(), account.user
    await _link(account, user.id if user else account.room.ids(account.now), LinkKind.RESET_PASSWORD, token)
    account.mail(messages.reset_password(user.email, token) if user else messages.no_account(found.typed))


async def verify(room: Room, client: Client, token: str) -> None:
    """The address is proved by whoever has the link. Raises InvalidLink, RateLimited."""
    await room.limits.spend(MAILED_LINK, client=client.address)
    await _verified(room, {"id": await _holder(token)}, token)


@personal
async def _verified(account: Account, token: str) -> None:
    await _use(account, LinkKind.VERIFY_EMAIL, token)


async def reset(room: Room, client: Client, token: str, password: str) -> None:
    """A new password, for whoever has the link: it proves the address, and ends all sessions.

    Raises WeakPassword, InvalidLink, RateLimited.
    """
    check(password)
    await room.limits.spend(MAILED_LINK, client=client.address)
    who = {"id": await _holder(token)}
    await _reset(room, who, token, password, await room.passwords.hash(password))


@personal
async def _reset(account: Account, token: str, password: str, password_digest: str) -> None:
    if account.user is None:
        raise InvalidLink
    check(password, account.user.email, account.user.email_key)
    await _use(account, LinkKind.RESET_PASSWORD, token)
    await MailedLink.filter(user_id=account.user.id, kind=LinkKind.RESET_PASSWORD, used_at=None).update(
        used_at=account.now
    )
    account.user.password_digest = password_digest
    await account.user.save(update_fields=["password_digest"])
    await close(account, user_id=account.user.id)


async def _link(account: Account, user: UUID, kind: LinkKind, token: str) -> None:
    """A link to this account, if it is there."""
    now = account.now
    await rows(LINK, account.room.ids(now), kind, digest(token), now, now + VALID[kind], user)


async def _holder(token: str) -> UUID | None:
    """Whose link it is, or was."""
    link = await MailedLink.get_or_none(digest=digest(token))
    return link.user_id if link else None


async def _use(account: Account, kind: LinkKind, token: str) -> None:
    """Use a link up, which proves the address that it was sent to. Raises InvalidLink."""
    user, now = account.user, account.now
    good = MailedLink.filter(digest=digest(token), kind=kind, used_at=None, expires_at__gt=now)
    if user is None or not await good.filter(user_id=user.id, email_key=user.email_key).update(used_at=now):
        raise InvalidLink
    if user.email_verified_at is None:
        user.email_verified_at = now
        await user.save(update_fields=["email_verified_at"])


def _address(room: Room, email: str) -> Address:
    found = address(email, special=room.special_addresses)
    if found is None:
        raise InvalidAddress("email")
    return found
