"""Tortoise's executor of migrations, without the work that grows with the square of the tables."""

from functools import cached_property

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import ConnectionHandler
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.schema_generator.state import ModelState, State
from tortoise.migrations.schema_generator.state_apps import StateApps

from models.database import APP, APPS


class Step(State):
    """The tables after some migrations. Their classes are made when asked for: of most steps nobody does."""

    def __init__(self, models: dict[tuple[str, str], ModelState]) -> None:
        self.models = models

    @cached_property
    def apps(self) -> StateApps:  # type: ignore[override]  # an attribute is what it looks like
        # No database is configured here, so that no queries are prepared for classes that tables are made by.
        empty = StateApps(default_connections={APP: "default"}, connections=ConnectionHandler())
        return empty.clone(model_states=self.models)

    def clone(self) -> "Step":
        return Step({key: model.clone() for key, model in self.models.items()})


class Executor(MigrationExecutor):
    """Runs migrations. `state` is what those that were applied have made; it goes along from one to the next."""

    def __init__(self, connection: BaseDBAsyncClient, state: State | None = None) -> None:
        super().__init__(connection, APPS)
        self.state = state

    async def _project_state(self, applied: set[MigrationKey], **_: object) -> State:
        if self.state is None:
            self.state = Step({})
            for key in self._full_plan():
                if key in applied and (migration := self.loader.graph.nodes[key]):
                    await migration.apply(self.state, dry_run=True)
        return self.state

    async def _project_state_cache(self, applied: set[MigrationKey]) -> dict[MigrationKey, State]:
        state, found = Step({}), dict[MigrationKey, State]()
        for key in self._full_plan():
            if key in applied and (migration := self.loader.graph.nodes[key]):
                found[key] = state.clone()
                await migration.apply(state, dry_run=True)
        return found
