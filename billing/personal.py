"""The way to write what belongs to a person and to no organization: with his account's row locked, in one transaction.

As `@change` is for organizations; letters go out behind the commit here too.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from billing.answers import committed
from billing.errors import Refusal
from billing.room import Room
from mailer.outbox import Letter, enqueue
from models import User
from models.table import Stored

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=Stored)

Who = Mapping[str, Any]  # columns of the account, that name one at most


@dataclass
class Account:
    """An account, locked; `user` is none where there is no such account."""

    room: Room
    now: datetime
    user: User | None
    _letters: list[Letter] = field(default_factory=list)

    async def create(self, model: type[M], **values: Any) -> M:
        """A new row."""
        return await model.create(id=self.room.ids(self.now), **values)

    def mail(self, letter: Letter) -> None:
        """Send it behind the commit."""
        self._letters.append(letter)

    async def hand_over(self) -> None:
        """Put what is to happen behind the commit into the transaction."""
        await enqueue(self._letters, self.room, self.now, None)


class Personal(Generic[P, R]):
    """A verb: called with the room and whose account it is, then its inputs."""

    def __init__(self, function: Callable[Concatenate[Account, P], Awaitable[R | Refusal]]) -> None:
        self._function = function
        update_wrapper(self, function)

    async def __call__(self, room: Room, who: Who, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """The outcome, committed. Raises a Refusal; one that the function gave, and did not raise, is committed too."""

        async def body() -> R | Refusal:
            user = await User.select_for_update().get_or_none(**who)
            account = Account(room, room.clock(), user)
            done = await self._function(account, *args, **kwargs)
            await account.hand_over()
            return done

        return await committed(body)


def personal(function: Callable[Concatenate[Account, P], Awaitable[R | Refusal]]) -> Personal[P, R]:
    """Make a function of an open account a verb."""
    return Personal(function)
