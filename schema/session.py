"""Sessions as their owner sees them: never what signs in with them."""

from datetime import datetime
from uuid import UUID

import models
from models.viewer import Viewer
from schema.declare import VIEWER, Computed, column, computed, record


def is_current(key: UUID, viewer: Viewer) -> bool:
    """Whether it is the session that asks."""
    return key == viewer.session_id


@record(models.Session, prefix="ses")
class Session:
    """A browser that is signed in; it stays so for 30 days after it was used last."""

    client: str = column(models.Session.client, "What the browser called itself when it signed in.")
    created_at: datetime = column(models.Session.created_at, "When it signed in.")
    seen_at: datetime = column(models.Session.seen_at, "When it was used last, to the hour.")
    current: bool = computed(Computed((models.Session.id, VIEWER), is_current), "Whether it is the one that asks.")
