"""The sandbox's clock, moved forward: for watching what time brings."""

from dataclasses import dataclass
from datetime import datetime

from billing import passing
from billing.answers import Answers
from billing.errors import Forbidden, InvalidInput, Refusal
from billing.personal import Account, personal
from billing.rights import roles_and_mask
from billing.room import Room
from billing.rules.calendar import boundary
from billing.rules.duration import behind
from models import Permission
from models.viewer import Viewer

MOST = 36  # months at once


class TooFar(InvalidInput):
    """More at once than anybody wants to wait for."""

    message = f"The clock goes at most {MOST} months at once."


@dataclass(frozen=True)
class Aim:
    """Where it goes."""

    at: datetime


async def advance(room: Room, viewer: Viewer, key: str, by: str | None, to: datetime | None) -> datetime:
    """Let time pass for the whole installation; what becomes due on the way is done at its time. Gives what it is now.

    The same key again goes to the same instant: on from where it was killed. Raises Forbidden, InvalidInput.
    """
    if room.move is None or viewer.user_id is None:
        raise Forbidden
    aim = await _aimed(room, {"id": viewer.user_id}, viewer, key, by, to)
    await passing.go(room, aim.at, room.move)
    return room.clock()


@personal
async def _aimed(account: Account, viewer: Viewer, key: str, by: str | None, to: datetime | None) -> Aim | Refusal:
    if account.user is None or not await _may(viewer, account.now):
        raise Forbidden
    answers = Answers(account.room, account.user.id, None, key, ["advance sandbox clock", by, to])

    async def aim() -> Aim:
        return Aim(aimed(account.now, by, to))

    return await answers.once(Aim, account.now, aim)


async def _may(viewer: Viewer, now: datetime) -> bool:
    """Whoever may change a plan anywhere: it is his to see what comes of it."""
    found = [await roles_and_mask(viewer, organization, now) for organization in viewer.standings]
    return any(granted & Permission.CHANGE_PLAN.bit for _, granted in found)


def aimed(now: datetime, by: str | None, to: datetime | None) -> datetime:
    """The instant that is meant. Raises InvalidInput for what is none, for the past, and for what is too far."""
    if (by is None) == (to is None):
        raise InvalidInput("by")
    path = "by" if to is None else "to"
    try:
        at = to or behind(now, by or "")
    except ValueError:
        raise InvalidInput(path) from None
    if at < now:
        raise InvalidInput(path)
    if at > boundary(now, MOST):
        raise TooFar(path)
    return at
