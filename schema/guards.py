"""Guards: what stands before a resolver and judges, by the organization of the row, what a viewer asks for."""

from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any

from graphql import (
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
)

from models.table import Row
from schema.refused import forbidden

Resolve = Callable[..., Any]
Need = Callable[..., int]  # the mask for a type, its part (field, value, input field), its part's argument
Wants = Callable[[Any], int]


def judge(row: Row, info: Any, wanted: int) -> None:
    """Raises GraphQLError FORBIDDEN unless the viewer may do all of this in the organization of the row."""
    if info.context.viewer.granted(row.organization) & wanted != wanted:
        raise forbidden()


def judged(mask: int, wants: Mapping[str, Wants], inner: Resolve) -> Resolve:
    """The resolver, behind the field's guard and those of what is given with it."""

    def guarded(row: Row, info: Any, **args: Any) -> Any:
        wanted = mask
        for name in wants.keys() & args.keys():
            wanted |= wants[name](args[name])
        judge(row, info, wanted)
        return inner(row, info, **args)

    return guarded


def judged_type(mask: int) -> Resolve:
    """The guard of a type, asked for each of its objects."""

    def is_type_of(row: Row, info: Any) -> bool:
        judge(row, info, mask)
        return True

    return is_type_of


def judged_values(kind: Any, need: Need, inner: Resolve) -> Resolve:
    """The resolver of a field whose enum has guarded values: they are told to nobody else."""

    def told(row: Row, info: Any, found: Any) -> Any:
        judge(row, info, wanted(kind, need, found))
        return found

    async def awaited(row: Row, info: Any, found: Awaitable[Any]) -> Any:
        return told(row, info, await found)

    def guarded(row: Row, info: Any, **args: Any) -> Any:
        found = inner(row, info, **args)
        return awaited(row, info, found) if isawaitable(found) else told(row, info, found)

    return guarded


def wants_of(taken: Any, need: Need, own: int) -> Wants | None:
    """What a value of this argument or input field asks for; None if nothing that it can hold is guarded.

    A default arrives like a given value, and is none: it is left aside.
    """
    if not own and not guarded_within(taken.type, need):
        return None
    return lambda value: 0 if value == taken.default_value else own | wanted(taken.type, need, value)


def wanted(kind: Any, need: Need, value: Any) -> int:
    """The mask of the enum values and the input fields in a value of this type."""
    kind, found = get_nullable_type(kind), 0
    if value is None:
        return 0
    if is_list_type(kind):
        for one in value:
            found |= wanted(kind.of_type, need, one)
    elif is_enum_type(kind):
        found = need(kind.name, kind.coerce_output_value(value))
    elif is_input_object_type(kind):
        for name, one in kind.fields.items():
            key = one.out_name or name
            wants = wants_of(one, need, need(kind.name, name)) if key in value else None
            found |= wants(value[key]) if wants else 0
    return found


def guarded_within(kind: Any, need: Need, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a type of input has enum values or input fields that need anything."""
    kind = get_named_type(kind)
    if is_enum_type(kind):
        return any(need(kind.name, name) for name in kind.values)
    if not is_input_object_type(kind) or kind.name in seen:
        return False
    seen |= {kind.name}
    return any(need(kind.name, name) or guarded_within(one.type, need, seen) for name, one in kind.fields.items())
