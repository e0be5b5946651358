"""What a table is: typed columns on Tortoise models, and a row class of its own for reads.

`Column[str | None]()` says the Python type, the SQL type and NOT NULL at once. On the class it is the column, typed
wherever it is named; on an instance it is the value. Tortoise gets a field of the same meaning.
"""

import re
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, cast, get_args, overload
from uuid import UUID

import asyncpg
from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model, ModelMeta

T = TypeVar("T")


class EnumField(fields.TextField):
    """Text in the database, with a CHECK of its own there; the enum in Python."""

    def __init__(self, enum: type[StrEnum], **options: Any) -> None:
        super().__init__(**options)
        self.enum = enum

    def to_python_value(self, value: Any) -> Any:
        return None if value is None else self.enum(value)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """As plain text: a migration must not import an enum that lives on."""
        _, args, kwargs = super().deconstruct()
        kwargs.pop("enum", None)
        return "tortoise.fields.data.TextField", args, kwargs

    def describe(self, serializable: bool) -> dict[str, Any]:
        """As plain text too, or each comparison with the migrations finds it changed."""
        return {**super().describe(serializable), "field_type": "TextField" if serializable else fields.TextField}


FIELDS: dict[Any, tuple[str, Any]] = {
    bool: ("boolean", fields.BooleanField),
    bytes: ("bytea", fields.BinaryField),
    date: ("date", fields.DateField),
    datetime: ("timestamptz", fields.DatetimeField),
    int: ("integer", fields.IntField),
    str: ("text", fields.TextField),
    UUID: ("uuid", fields.UUIDField),
    dict[str, Any]: ("jsonb", fields.JSONField),
    list[str]: ("text[]", lambda **options: ArrayField("text", **options)),
}


class Column(Generic[T]):
    """A column; `T` is the type of its values in Python."""

    table: "Table"
    name: str

    def __init__(self, sql: str = "", *, key: bool = False, default: T | None = None) -> None:
        """`default` is the database's, for rows that were there before the column."""
        self._sql, self.key, self.default = sql, key, default

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type) -> Self: ...
        @overload
        def __get__(self, instance: object, owner: type) -> T: ...
        def __get__(self, instance: object | None, owner: type) -> Any: ...
        def __set__(self, instance: object, value: T) -> None: ...

    def __repr__(self) -> str:
        return f"{self.table.noun}.{self.name}"

    @property
    def annotated(self) -> Any:
        """`T`, as written."""
        return get_args(self.__orig_class__)[0]  # type: ignore[attr-defined]

    @property
    def type(self) -> Any:
        """The class of its values; null left aside."""
        parts = get_args(self.annotated) if isinstance(self.annotated, UnionType) else (self.annotated,)
        return next(part for part in parts if part is not NoneType)

    @property
    def nullable(self) -> bool:
        return isinstance(self.annotated, UnionType) and NoneType in get_args(self.annotated)

    @property
    def is_enum(self) -> bool:
        return isinstance(self.type, type) and issubclass(self.type, StrEnum)

    @property
    def sql(self) -> str:
        return self._sql or ("text" if self.is_enum else FIELDS[self.type][0])

    def field(self) -> Any:
        """The field that Tortoise keeps for it."""
        options: dict[str, Any] = {"null": True} if self.nullable else {}
        if self.key:
            options |= {"primary_key": True, "default": None}  # or Tortoise makes one up when it is forgotten
        if self.default is not None:
            options["db_default"] = self.default
        if self.is_enum:
            return EnumField(self.type, **options)
        if self.sql == "bigint":
            return fields.BigIntField(**options)
        return FIELDS[self.type][1](**options)


@dataclass(frozen=True, eq=False)
class Table:
    """Where the rows of a noun are, and what they are made of.

    `noun` is the name of their GraphQL type; two tables may give rows of one noun. `tenant` is the column that names
    the organization, "" for reference data.
    """

    noun: str
    source: str
    columns: dict[str, Column[Any]]
    tenant: str
    row: type["Row"]


class Row(asyncpg.Record):
    """A row that knows its table, hence its noun and its organization. asyncpg makes rows of this class itself."""

    table: ClassVar[Table]

    @property
    def organization(self) -> UUID:
        """Whose row this is."""
        found: UUID = self[self.table.tenant]
        return found


class Noun:
    """What has rows. `table` describes them."""

    table: ClassVar[Table]


def own_columns(bases: tuple[type, ...], body: dict[str, Any]) -> dict[str, Column[Any]]:
    """The columns of a class, each its own: those of its bases first."""
    inherited = [vars(base)["table"].columns for base in reversed(bases) if "table" in vars(base)]
    found = {name: copy(column) for columns in inherited for name, column in columns.items()}
    return found | {name: value for name, value in body.items() if isinstance(value, Column)}


def describe(cls: type[Noun], columns: dict[str, Column[Any]], source: str, noun: str, tenant: str) -> None:
    """Give a class its table, and put its columns back in place."""
    row: Any = type(f"{cls.__name__}Row", (Row,), {})
    tenant = tenant or ("organization_id" if "organization_id" in columns else "")
    cls.table = row.table = Table(noun or cls.__name__, source, columns, tenant, row)
    for name, column in columns.items():
        column.table = cls.table
        setattr(cls, name, column)


class StoredMeta(ModelMeta):
    """Hands Tortoise its fields, which it removes from the class, and puts the columns in their place."""

    def __new__(  # noqa: PYI034  # mypy knows no Self in a metaclass
        cls,
        name: str,
        bases: tuple[type, ...],
        body: dict[str, Any],
        *,
        source: str = "",
        tenant: str = "",
        abstract: bool = False,
    ) -> "StoredMeta":
        """Make the class; its table is called `source`, or like the class."""
        columns = own_columns(bases, body)
        doc = body.pop("__doc__", None)  # Tortoise would copy it into the database: a migration for each word
        table = source or re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        body["Meta"] = type("Meta", (), {"table": table, "abstract": abstract})
        for key, value in list(body.items()):
            if isinstance(value, Column):
                value.__set_name__(cls, key)
                body[key] = value.field()
        made: Any = super().__new__(cls, name, bases, body)
        made.__doc__ = doc
        describe(made, columns, table, name, tenant)
        return cast(StoredMeta, made)

    def __init__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any], **_: Any) -> None:  # noqa: N805
        """Leave the keywords to `__new__`."""
        super().__init__(name, bases, body)


class Stored(Noun, Model, metaclass=StoredMeta, abstract=True):
    """A table that Purser writes."""

    id = Column[UUID](key=True)


class Tenant(Stored, abstract=True):
    """A table whose rows belong to an organization; `(organization_id, id)` is unique, so that keys may name it."""

    organization_id = Column[UUID]()


class Derived(Noun):
    """Rows that a view of the database derives; only read."""

    def __init_subclass__(cls, source: str, noun: str = "", tenant: str = "") -> None:
        columns = own_columns(cls.__bases__, dict(vars(cls)))
        describe(cls, columns, source, noun, tenant)
