"""Scalars: how numbers, instants and codes are written in JSON."""

import re
from datetime import UTC, date, datetime
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

MOST = 2**53 - 1
CODE = re.compile("[A-Z]{3}")

SafeInt = NewType("SafeInt", int)
MinorUnits = NewType("MinorUnits", int)
CurrencyCode = NewType("CurrencyCode", str)
URL = NewType("URL", str)


def safe(value: Any) -> int:
    """An integer that JSON readers keep exact."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MOST:
        raise ValueError("An integer between -(2^53 - 1) and 2^53 - 1 is wanted.")
    return value


def instant(value: datetime) -> str:
    """RFC 3339 in UTC."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parsed_instant(value: Any) -> datetime:
    """An instant with an offset, as RFC 3339 has it, in UTC."""
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):  # the first and last hours that there are, in other zones
        pass
    raise ValueError("An RFC 3339 instant is wanted, such as 2026-01-31T12:00:00Z.")


def parsed_day(value: Any) -> date:
    """A day as ISO 8601 writes it."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("A day is wanted, such as 2026-01-31.") from None


def parsed_currency(value: Any) -> str:
    """Three capital letters; whether there are prices in it is another question."""
    if isinstance(value, str) and CODE.fullmatch(value):
        return value
    raise ValueError("An ISO 4217 code is wanted, such as EUR.")


SCALARS: dict[object, ScalarDefinition] = {
    SafeInt: strawberry.scalar(
        name="SafeInt", serialize=safe, parse_value=safe, description="JSON integer, exact to 2^53 - 1."
    ),
    MinorUnits: strawberry.scalar(
        name="MinorUnits",
        serialize=safe,
        parse_value=safe,
        description="JSON integer in the currency's minor unit (cents, yen, fils); exact to 2^53 - 1.",
    ),
    CurrencyCode: strawberry.scalar(
        name="CurrencyCode", serialize=str, parse_value=parsed_currency, description="ISO 4217 code."
    ),
    URL: strawberry.scalar(name="URL", serialize=str, parse_value=str, description="An absolute address (RFC 3986)."),
    datetime: strawberry.scalar(
        name="DateTime",
        serialize=instant,
        parse_value=parsed_instant,
        description="RFC 3339 instant in UTC, microseconds kept.",
    ),
    date: strawberry.scalar(
        name="Date", serialize=date.isoformat, parse_value=parsed_day, description="A day in UTC, as ISO 8601 has it."
    ),
}
