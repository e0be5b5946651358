"""The one room behind four doors: mutation, worker, webhook and command change an organization through here.

A change is a function of an open `Change`; around it, `@change` locks the organization's row, reads the author's
rights again, replays or stores the answer of the idempotency key, and commits rule, activity, notifications and mails
together, or nothing. There is no other way to write.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, get_type_hints
from uuid import UUID

import orjson
from pydantic import TypeAdapter

from billing.answers import KEPT, Answers, committed
from billing.errors import Forbidden, NotFound, Refusal
from billing.rights import acting_as, roles_and_mask
from billing.room import Room
from mailer.outbox import Letter, enqueue
from models import (
    Activity,
    ActivityKind,
    BillingActivity,
    BillingActivityKind,
    Job,
    Organization,
    Permission,
    Role,
    queue,
)
from models.changes import CHANNEL, ChangeKind
from models.roles import EVERYTHING
from models.table import Tenant
from models.transactions import rows, savepoint
from models.viewer import Viewer

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=Tenant)


@dataclass
class Change:
    """A change under way: the organization's row is locked, and what is written here is committed together.

    `author` null is the system; `acting_as` the role that permits it. `held` and `granted` are all that the author is
    and may do here, by the API key `key_id` if it is one that he uses.
    """

    room: Room
    organization: Organization
    now: datetime
    author: UUID | None
    acting_as: Role | None
    held: tuple[Role, ...] = ()
    granted: int = EVERYTHING
    key_id: UUID | None = None
    _kinds: set[ChangeKind] = field(default_factory=set)
    _letters: list[Letter] = field(default_factory=list)
    _jobs: list[Job] = field(default_factory=list)

    @property
    def id(self) -> UUID:
        """The organization's key."""
        return self.organization.id

    @property
    def actor(self) -> tuple[UUID | None, Role | None]:
        """Who does it, as rows remember it."""
        return self.author, self.acting_as

    async def one(self, model: type[M], **equal: Any) -> M:
        """The row of this organization with these values. Raises NotFound."""
        found = await self.maybe(model, **equal)
        if found is None:
            raise NotFound
        return found

    async def maybe(self, model: type[M], **equal: Any) -> M | None:
        """The same, or none."""
        return await model.get_or_none(organization_id=self.id, **equal)

    async def create(self, model: type[M], **values: Any) -> M:
        """A new row of this organization."""
        return await model.create(id=self.room.ids(self.now), organization_id=self.id, **values)

    async def create_all(self, model: type[M], rows: Sequence[Mapping[str, Any]]) -> list[M]:
        """New rows of this organization, in one statement."""
        made = [model(id=self.room.ids(self.now), organization_id=self.id, **values) for values in rows]
        if made:
            await model.bulk_create(made)
        return made

    async def record(
        self, kind: BillingActivityKind, actor: tuple[UUID | None, Role | None] | None = None, **about: UUID | None
    ) -> None:
        """An entry of the billing activity, of who does it or of `actor`; `about` names rows by their columns there."""
        who, acted_as = actor or self.actor
        await self.create(BillingActivity, kind=kind, at=self.now, actor_id=who, acted_as=acted_as, **about)

    async def note(self, kind: ActivityKind, subject: str) -> None:
        """An entry of the activities, with the name that the thing has now."""
        await self.create(
            Activity, kind=kind, subject=subject, at=self.now, actor_id=self.author, acted_as=self.acting_as
        )

    def changed(self, *kinds: ChangeKind) -> None:
        """Tell who listens, when it is committed."""
        self._kinds.update(kinds)

    def mail(self, letter: Letter) -> None:
        """Send it behind the commit."""
        self._letters.append(letter)

    def later(self, kind: str, at: datetime | None = None, **payload: Any) -> None:
        """Have a job of this kind done behind the commit, or at this instant."""
        told = {name: str(value) if isinstance(value, UUID) else value for name, value in payload.items()}
        id_ = self.room.ids(self.now)
        self._jobs.append(queue.job(id_, kind, self.now, told, organization=self.id, run_at=at))

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """A part of the change that is taken back alone if it raises, with what it wanted told, mailed and done."""
        said = set(self._kinds), [*self._letters], [*self._jobs]
        try:
            async with savepoint():
                yield
        except BaseException:
            self._kinds, self._letters, self._jobs = said
            raise

    async def hand_over(self) -> None:
        """Put what is to happen behind the commit into the transaction."""
        await enqueue(self._letters, self.room, self.now, self.id)
        await queue.put(self._jobs)
        for kind in sorted(self._kinds):
            told = orjson.dumps({"organization": str(self.id), "kind": kind, "at": self.now}).decode()
            await rows("select pg_notify($1, $2)", CHANNEL, told)


class Verb(Generic[P, R]):
    """A change by name: called with the room, who asks, the organization and the idempotency key, then its inputs."""

    def __init__(
        self,
        function: Callable[Concatenate[Change, P], Awaitable[R]],
        permission: Permission | None,
        *,
        outsiders: bool,
        kept: timedelta,
    ) -> None:
        self.permission, self._outsiders, self._kept = permission, outsiders, kept
        self._function = function
        self._kind: Any = get_type_hints(function)["return"]
        TypeAdapter(self._kind)  # what cannot be stored stops the start
        update_wrapper(self, function)

    async def __call__(
        self,
        room: Room,
        viewer: Viewer | None,
        organization: UUID,
        key: str | None,
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """The outcome, committed. Raises a Refusal, or Forbidden; then nothing but the refusal was stored.

        No viewer: the system does it, and may.
        """

        async def body() -> R | Refusal:
            now = room.clock()
            change = await self._opened(room, viewer, organization, now)
            asked = [self._function.__module__, self._function.__qualname__, organization, args, kwargs]
            if key is None or viewer is None or viewer.user_id is None:
                return await self._done(change, *args, **kwargs)
            answers = Answers(room, viewer.user_id, organization, key, asked, kept=self._kept)
            return await answers.once(self._kind, now, lambda: self._done(change, *args, **kwargs))

        return await committed(body)

    async def _opened(self, room: Room, viewer: Viewer | None, organization: UUID, now: datetime) -> Change:
        locked = await Organization.select_for_update().get_or_none(id=organization)
        if locked is None:
            raise NotFound
        if viewer is None:
            return Change(room, locked, now, None, None)
        held, granted = await roles_and_mask(viewer, organization, now)
        if not held and not self._outsiders:
            raise NotFound
        if self.permission and not granted & self.permission.bit:
            raise Forbidden
        role = acting_as(held, self.permission) if self.permission else next(iter(held), None)
        return Change(room, locked, now, viewer.user_id, role, tuple(held), granted, viewer.key_id)

    async def _done(self, change: Change, *args: P.args, **kwargs: P.kwargs) -> R:
        done = await self._function(change, *args, **kwargs)
        await change.hand_over()
        return done


def change(
    permission: Permission | None, *, outsiders: bool = False, kept: timedelta = KEPT
) -> Callable[[Callable[Concatenate[Change, P], Awaitable[R]]], Verb[P, R]]:
    """Make a function of an open change a verb, which needs this permission in the organization.

    `outsiders`: who has no role there may come in too; the function itself judges what he brings, such as a token.
    `kept`: how long the answer of an idempotency key is.
    """
    return lambda function: Verb(function, permission, outsiders=outsiders, kept=kept)
