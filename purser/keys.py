"""API keys made by the operator, in the name of whose they are."""

from datetime import timedelta

from billing import keys
from billing.errors import Forbidden, InvalidPermissions, NotFound, Refusal
from billing.keys import Wanted
from billing.room import Room
from models import Organization, Permission, User
from models.addresses import address
from models.viewer import Viewer


class KeyRefusedError(Exception):
    """The key cannot be made; the message is one sentence for the operator."""


async def create(
    room: Room,
    *,
    email: str,
    name: str,
    organization: str | None = None,
    permissions: list[Permission] | None = None,
    lifetime: timedelta | None = None,
) -> str:
    """A new key of the account with this address: its text, which is kept nowhere. Raises KeyRefusedError.

    With a slug it is good in that organization only; `permissions` null means all of its maker's.
    """
    found = address(email, special=True)
    user = await User.get_or_none(email_key=found.key) if found else None
    if user is None:
        raise KeyRefusedError(f"There is no account with the address {email}.")
    where = await Organization.get_or_none(slug=organization) if organization else None
    nowhere = f"{email} has no role in {f'an organization {organization}' if organization else 'any organization'}."
    if organization and where is None:
        raise KeyRefusedError(nowhere)
    wanted = Wanted(name, permissions, room.clock() + lifetime if lifetime else None)
    try:
        made = await keys.create(room, Viewer(user.id), where.id if where else None, None, wanted)
    except (Forbidden, NotFound) as refusal:
        raise KeyRefusedError(nowhere) from refusal
    except InvalidPermissions as refusal:
        raise KeyRefusedError(f"{email} does not have {', '.join(permissions or ())}.") from refusal
    except Refusal as refusal:
        raise KeyRefusedError(refusal.message) from refusal
    if made.secret is None:
        raise TypeError("a key that was made has a text")
    return made.secret
