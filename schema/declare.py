"""How a field is declared: column, computed, edge, resolver; and what a type is: node, record or value.

Each returns, for the type checker, the type of the field's values, so that the annotation beside it is checked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast, dataclass_transform, overload

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from models.roles import Permission
from models.table import Column, Noun, Table
from resolvers.relations import Batched, Choice, Many, One, Pages, Relation
from schema.access import needing
from schema.connection import PAGING, Connection

T = TypeVar("T")
C = TypeVar("C", bound=type)
Takes = Mapping[str, tuple[Any, str] | tuple[Any, str, Permission]]


@dataclass(frozen=True, eq=False)
class Identity:
    """The row's key as a TypeID."""

    prefix: str


@dataclass(frozen=True)
class Ambient:
    """What a computed field may know besides its row."""

    name: str


NOW = Ambient("now")
VIEWER = Ambient("viewer")


@dataclass(frozen=True, eq=False)
class Computed(Generic[T]):
    """A pure function of columns of the row, of the request's instant and of the viewer.

    `parts` names fields of the value that are such a column as it is.
    """

    inputs: tuple[Column[Any] | Ambient, ...]
    of: Callable[..., T]
    parts: Mapping[str, Column[Any]] = field(default_factory=dict)

    @property
    def columns(self) -> list[Column[Any]]:
        """The inputs that are columns."""
        return [one for one in self.inputs if isinstance(one, Column)]


Source = Column[Any] | Computed[Any] | Relation[Any] | Choice | Identity | Batched[Any]


@dataclass(frozen=True)
class Declared:
    """What the schema knows of a field beyond GraphQL: its source, or a resolver of its own."""

    source: Source | None
    resolve: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Made:
    """What the schema knows of a type with rows. `refetchable`: its ids can be asked for by node(id)."""

    prefix: str
    table: Table
    access: Permission | None
    refetchable: bool


NOUNS: dict[str, Made] = {}
VALUES: set[str] = set()


def declared(
    source: Source | None, description: str, access: Permission | None, resolve: Callable[..., Any] | None = None
) -> Any:
    """A Strawberry field that remembers its source."""
    metadata = {"declared": Declared(source, resolve)}
    return strawberry.field(description=description, directives=needing(access), metadata=metadata)


def column(source: Column[T], description: str, *, access: Permission | None = None) -> T:
    """A column, as it is."""
    return cast(T, declared(source, description, access))


def computed(source: Computed[T], description: str, *, access: Permission | None = None) -> T:
    """A pure function of the row."""
    return cast(T, declared(source, description, access))


@overload
def edge(source: Pages[Any], description: str, *, access: Permission | None = None) -> Connection[Any]: ...
@overload
def edge(source: Many[Any], description: str, *, access: Permission | None = None) -> list[Any]: ...
@overload
def edge(source: One[Any] | Choice | Batched[Any], description: str, *, access: Permission | None = None) -> Any: ...
def edge(source: Relation[Any] | Choice | Batched[Any], description: str, *, access: Permission | None = None) -> Any:
    """Other rows, or what an async function says of many rows at once."""
    made = declared(source, description, access)
    if isinstance(source, Pages):
        made.arguments = arguments(PAGING) + [
            argument(one.name, one.type | None, one.description) for one in source.filters
        ]
    if isinstance(source, Batched):
        made.arguments = arguments(source.arguments)
    return made


def resolver(
    source: Callable[..., Any],
    description: str,
    *,
    access: Permission | None = None,
    takes: Takes | None = None,
) -> Any:
    """Any function of the row, `info` and the arguments that it `takes`; async or not."""
    made = declared(None, description, access, source)
    made.arguments = arguments(takes or {})
    return made


def arguments(takes: Takes) -> list[StrawberryArgument]:
    """Arguments by name, of a type and with a description each, and perhaps a permission."""
    return [argument(name, *taken) for name, taken in takes.items()]


def argument(name: str, kind: Any, description: str, access: Permission | None = None) -> StrawberryArgument:
    """An argument under the same name in GraphQL and in Python."""
    return StrawberryArgument(
        name, name, StrawberryAnnotation(kind), description=description, directives=needing(access)
    )


@strawberry.interface(name="Node", description="Whatever can be asked for by its id alone.")
class NodeInterface:
    """Relay's Node."""

    id: strawberry.ID = strawberry.field(description="Names the object, its type and the time it was made.")


def node(prefix: str, rows: type[Noun], *, access: Permission | None = None) -> Callable[[C], C]:
    """A type whose objects are rows and can be asked for by id; `access` guards them however they are reached."""
    return _noun(prefix, rows, access, bases=(NodeInterface,))


def record(rows: type[Noun], *, prefix: str = "", access: Permission | None = None) -> Callable[[C], C]:
    """A type whose objects are rows, reached only through other fields; with a prefix it has an id.

    Without `access` the fields that lead to it judge.
    """
    return _noun(prefix, rows, access, bases=())


def _noun(prefix: str, rows: type[Noun], access: Permission | None, bases: tuple[type, ...]) -> Callable[[C], C]:
    def declare(cls: C) -> C:
        NOUNS[cls.__name__] = Made(prefix, rows.table, access, refetchable=bool(bases))
        body = {key: value for key, value in vars(cls).items() if key not in ("__dict__", "__weakref__")}
        if prefix:
            body["__annotations__"] = {"id": strawberry.ID, **body.get("__annotations__", {})}
            body["id"] = declared(Identity(prefix), "Names the object, its type and the time it was made.", None)
        made = type(cls.__name__, bases, body)
        return cast(C, strawberry.type(made, description=cls.__doc__, directives=needing(access)))

    return declare


@dataclass_transform(kw_only_default=True)
def value(cls: C) -> C:
    """A plain type without rows of its own, reached only through fields that judge for it."""
    VALUES.add(cls.__name__)
    return strawberry.type(cls, description=cls.__doc__)
