"""What the demo has told so far: rows by table, each with an id of its own time."""

from collections import defaultdict
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from models.loading import TAIL_BITS, uuid7
from models.roles import Role
from models.table import Stored

Made = dict[str, Any]
Actor = tuple[UUID, Role] | tuple[None, None]
SYSTEM: Actor = (None, None)


class Book:
    """Rows as they are made, the same for the same `now` and seed."""

    def __init__(self, now: datetime, seed: bytes) -> None:
        self.now = now
        self.random = Random(seed)  # noqa: S311  # it must repeat itself
        self.rows: defaultdict[str, list[Made]] = defaultdict(list)

    def ago(self, days: float) -> datetime:
        """So long before now, to the second."""
        return (self.now - timedelta(days=days)).replace(microsecond=0)

    def add(self, noun: type[Stored], at: datetime, /, **values: Any) -> Made:
        """A row that came to be at `at`; gives it with its id."""
        row = {"id": uuid7(at, self.random.getrandbits(TAIL_BITS)), **values}
        self.rows[noun.table.source].append(row)
        return row

    def take(self) -> dict[str, list[Made]]:
        """The rows made since this was last asked."""
        taken, self.rows = self.rows, defaultdict(list)
        return taken


def by(verb: str, actor: Actor) -> Made:
    """The columns that say who `added`, `made`, `requested`, ... a row, and as what."""
    return {f"{verb}_by_id": actor[0], f"{verb}_as": actor[1]}
