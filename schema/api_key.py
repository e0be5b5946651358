"""API keys as a client sees them: never the key itself."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import models
from models import Permission
from models.viewer import Viewer
from resolvers import api_keys
from schema.declare import VIEWER, Computed, column, computed, edge, record
from schema.people import Actor

if TYPE_CHECKING:
    from schema.organization import Organization


def chosen(permissions: list[str] | None, viewer: Viewer) -> list[Permission] | None:
    """Those chosen for the key that its reader may know of."""
    if permissions is None:
        return None
    return [one for one in Permission if one in permissions and one.bit & viewer.anywhere]


@record(models.ApiKey, prefix="key")
class ApiKey:
    """A key that acts for who made it."""

    name: str = column(models.ApiKey.name, "What its maker calls it.")
    prefix: str = column(models.ApiKey.prefix, "How the key begins, to tell it from others.")
    organization: Annotated["Organization", strawberry.lazy("schema.organization")] | None = edge(
        api_keys.organization, "Where it is good; null: wherever its maker has a role."
    )
    permissions: list[Permission] | None = computed(
        Computed((models.ApiKey.permissions, VIEWER), chosen),
        "What it may do at most; null: whatever its maker may do.",
    )
    made_by: Actor | None = edge(api_keys.maker, "Who made it; null for a key of the viewer's own, good everywhere.")
    created_at: datetime = column(models.ApiKey.created_at, "When it was made.")
    expires_at: datetime | None = column(models.ApiKey.expires_at, "From this instant on it is dead; null: never.")
    last_used_at: datetime | None = column(models.ApiKey.last_used_at, "Null if it was never used.")
