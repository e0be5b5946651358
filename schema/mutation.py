"""How a mutation is declared: what is given, a verb of `billing`, and a payload whose errors a client can act on."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar, dataclass_transform, get_type_hints
from uuid import UUID

import strawberry

from billing.answers import check
from billing.change import Verb
from billing.client import Client
from billing.errors import Forbidden, NotFound, Refusal, refusals
from billing.rights import roles_and_mask
from billing.room import Room
from models import Organization, Permission
from models.table import Noun
from models.viewer import Standing, Viewer
from resolvers.loads import Reads, columns
from schema import ids
from schema.access import needing
from schema.declare import NOUNS, argument, declared, value
from schema.refused import forbidden

C = TypeVar("C", bound=type)
R = TypeVar("R")

IDEMPOTENCY_KEY = "Of your choice, new for each intention: the same key again gives the same outcome, for 24 hours."

UserErrorCode = StrEnum("UserErrorCode", {one.code: one.code for one in refusals()})  # type: ignore[misc]  # all there are
_code: Any = strawberry.enum(UserErrorCode, description="What is wrong, for programs; the same for ever.")
for _value in _code.__strawberry_definition__.values:
    _refusal = next(one for one in refusals() if one.code == _value.name)
    _value.description = _refusal.__doc__
    _value.directives = tuple(needing(_refusal.needs))


def told(description: str) -> Any:
    """A field of a payload; null unless it is given."""
    return strawberry.field(description=description, default=None)


def given(description: str, **more: Any) -> Any:
    """A field of an input."""
    return strawberry.field(description=description, **more)


@dataclass_transform(kw_only_default=True)
def asked(cls: C) -> C:
    """What a mutation is given."""
    return strawberry.input(cls, description=cls.__doc__)


@value
class UserError:
    """A refusal that a client can act on. Nothing was changed."""

    code: UserErrorCode = strawberry.field(description="What is wrong, for programs.")
    message: str = strawberry.field(description="What is wrong, for people.")
    path: list[str] | None = strawberry.field(description="Which part of the input is to blame, if one is.")


@dataclass_transform(kw_only_default=True)
def payload(cls: C) -> C:
    """What a mutation answers: its own fields, and `errors`, empty when it was done."""
    cls.__annotations__["errors"] = list[UserError]
    cls.errors = strawberry.field(  # type: ignore[attr-defined]
        description="Why nothing was done; empty when it was.", default_factory=list
    )
    return value(cls)


class Asking:
    """Who asks for a change, and what it takes to carry it out."""

    def __init__(self, reads: Reads) -> None:
        self.reads = reads

    @property
    def viewer(self) -> Viewer:
        return self.reads.viewer

    @property
    def room(self) -> Room:
        return self.reads.room

    @property
    def client(self) -> Client:
        return self.reads.client

    def organization(self, text: str, *path: str) -> UUID:
        """The key of an organization in scope. Raises NotFound."""
        prefix, key = ids.read(text) or ("", None)
        if prefix != NOUNS["Organization"].prefix or key is None or key not in self.viewer.standings:
            raise NotFound(*(path or ("organizationId",)))
        return key

    async def place(self, noun: str, text: str, idempotency_key: str, *path: str) -> tuple[UUID, UUID]:
        """The key that an id names, and its organization, if the viewer may see it. Raises NotFound.

        What is gone because this very request was carried out before leads to its stored answer.
        """
        made = NOUNS[noun]
        prefix, key = ids.read(text) or ("", None)
        if key is None or prefix != made.prefix:
            raise NotFound(*path)
        row = await self.reads.seen(made.table, key, made.access.bit if made.access else 0)
        organization = row.organization if row else await self._answered(idempotency_key, key)
        if organization is None:
            raise NotFound(*path)
        return key, organization

    async def within(self, organization: UUID, noun: str, text: str, idempotency_key: str, *path: str) -> UUID:
        """The key that an id names, if it is this organization's too. Raises NotFound."""
        key, its = await self.place(noun, text, idempotency_key, *path)
        if its != organization:
            raise NotFound(*path)
        return key

    def named(self, noun: str, text: str, *path: str) -> UUID:
        """The key that the id of something public names. Raises NotFound."""
        prefix, key = ids.read(text) or ("", None)
        if prefix != NOUNS[noun].prefix or key is None:
            raise NotFound(*path)
        return key

    async def only(self, noun: type[Noun], organization: UUID) -> Any:
        """The one row of an organization in scope, to be answered with."""
        table = noun.table
        found = await self.reads.fetch(
            f"select {columns(table)} from {table.source} t where t.{table.tenant} = $1",
            organization,
            rows=table.row,
        )
        return found[0] if found else None

    async def row(self, noun: type[Noun], key: UUID) -> Any:
        """A row of an organization in scope, to be answered with: its type judges who may see it."""
        return (await self.rows(noun, [key])).get(key)

    async def rows(self, noun: type[Noun], keys: Sequence[UUID]) -> dict[UUID | None, Any]:
        """The same for several, in one statement."""
        table = noun.table
        found = await self.reads.fetch(
            f"select {columns(table)} from {table.source} t where t.id = any($1) and t.{table.tenant} = any($2)",
            list(keys),
            list(self.viewer.standings),
            rows=table.row,
        )
        return {row["id"]: row for row in found}

    async def entered(self, organization: UUID) -> Any:
        """An organization in which the viewer just got a role: for the rest of this answer he stands there too.

        A key does not gain by it.
        """
        table = Organization.table
        found = await self.reads.fetch(
            f"select {columns(table)} from {table.source} t where t.id = $1",
            organization,
            rows=table.row,
        )
        if organization not in self.viewer.standings or self.viewer.key_id is None:
            held, granted = await roles_and_mask(self.viewer, organization, self.reads.now)
            standing = Standing(found[0], tuple(held), granted & self.reads.view)
            self.reads.viewer = replace(self.viewer, standings={**self.viewer.standings, organization: standing})
        return found[0]

    async def _answered(self, idempotency_key: str, key: UUID) -> UUID | None:
        """Where the viewer used the idempotency key; of several, where it was about this row."""
        check(idempotency_key)
        found = await self.reads.fetch(
            "select organization_id from stored_answer where user_id = $1 and key = $2 and organization_id = any($3)"
            " order by position($4 in answer::text) desc limit 1",
            self.viewer.user_id,
            idempotency_key,
            list(self.viewer.standings),
            str(key),
        )
        return found[0]["organization_id"] if found else None

    async def perform(self, verb: "Verb[..., R]", organization: UUID, key: str | None, /, *args: Any, **more: Any) -> R:
        """Carry it out as the viewer. Raises the verb's refusals."""
        return await verb(self.room, self.viewer, organization, key, *args, **more)


def mutation(
    answer: Callable[..., Awaitable[Any]],
    description: str,
    *,
    of: "Verb[..., Any] | None" = None,
    access: Permission | None = None,
) -> Any:
    """A mutation: `answer` takes its input to a verb and its outcome to a payload. `of` names the verb it needs.

    `access`: who may see it, where no verb of one organization says so.
    """
    hints = get_type_hints(answer)
    made, taken = hints.pop("return"), next((hints[name] for name in hints if name != "ask"), None)

    async def resolve(_root: None, info: Any, **args: Any) -> Any:
        ask = Asking(info.context)
        try:
            return await (answer(ask, read(taken, args["input"])) if taken else answer(ask))
        except Refusal as refusal:
            return refused(made, refusal)
        except Forbidden:
            raise forbidden() from None

    field = declared(None, description, of.permission if of else access, resolve)
    field.arguments = [argument("input", taken, "What is asked for.")] if taken else []
    return field


def refused(made: Callable[..., R], *refusals: Refusal, **more: Any) -> R:
    """A payload that says so, and what it says besides."""
    return made(errors=[error_of(one) for one in refusals], **more)


def error_of(refusal: Refusal) -> UserError:
    """A refusal as a client sees it: the one place where they are mapped."""
    return UserError(code=UserErrorCode(refusal.code), message=refusal.message, path=list(refusal.path) or None)


def read(kind: Any, raw: dict[str, Any]) -> Any:
    """The input object of what came over the wire."""
    definition = kind.__strawberry_definition__
    values = {}
    for one in definition.fields:
        name = one.graphql_name or camel(one.python_name)
        if name in raw:
            values[one.python_name] = raw[name]
    return kind(**values)


def camel(name: str) -> str:
    """A name as GraphQL writes it."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
