"""@access: the one declaration of what a viewer must be allowed to do."""

from collections.abc import Iterable
from typing import Any

import strawberry
from strawberry.schema_directive import Location

from models.roles import Permission


@strawberry.schema_directive(
    name="access",
    locations=[
        Location.FIELD_DEFINITION,
        Location.OBJECT,
        Location.ARGUMENT_DEFINITION,
        Location.ENUM_VALUE,
        Location.INPUT_FIELD_DEFINITION,
    ],
    description="Visible only to whom has this permission; elsewhere it does not exist.",
)
class Access:
    """What stands in the SDL, and what is enforced."""

    permission: Permission = strawberry.directive_field(name="permission")


def needing(permission: Permission | None) -> list[object]:
    """The directives of something that needs this permission, or none."""
    return [Access(permission=permission)] if permission else []


def needed(directives: Iterable[Any]) -> int:
    """The mask that these directives ask for."""
    found = 0
    for directive in directives:
        if isinstance(directive, Access):
            found |= directive.permission.bit
    return found
