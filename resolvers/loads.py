"""Batching: what one level of a query asks of one relation is one statement, however many rows ask."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from billing.client import Client
from billing.room import Room
from models.table import Noun, Row, Table
from models.viewer import Viewer
from resolvers.cursors import Cursors
from resolvers.paging import Page, Window, place_of
from resolvers.relations import Batched, Case, Choice, Constant, One, Pages, Relation, inputs
from resolvers.sql import keyset, narrow, ordering, source

T = TypeVar("T")
NOTHING: Mapping[str, Any] = {}
QUIET = 4  # passes of the event loop: rows of one list may be some apart when they ask
Fill = Callable[[Sequence[Row]], Coroutine[Any, Any, Sequence[Any]]]
# A future for each who asks: one who is cancelled must not take the others with him.
Batch = dict[Hashable, tuple[Row, list[asyncio.Future[Any]]]]
Place = tuple[str, ...]  # the names on the way to a field: each has a statement of its own, whatever answers first


class Database(Protocol):
    """Where rows come from; one statement a call."""

    async def fetch(self, statement: str, *values: Any, record_class: type[Row] | None = None) -> list[Any]: ...


class Batches:
    """Waits until nobody asks any more, then answers each kind of question once for all its rows."""

    def __init__(self) -> None:
        self._asked = 0
        self._waiting: dict[Any, tuple[Fill, Batch]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def answer(self, question: Any, key: Hashable, row: Row, fill: Fill) -> Any:
        """What `fill` says for this row. Equal questions are put together; the first one's `fill` answers.

        Rows with equal keys have equal answers, and are asked about once.
        """
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._look, loop, self._asked, 0)
        self._asked += 1
        _, batch = self._waiting.setdefault(question, (fill, {}))
        future = loop.create_future()
        batch.setdefault(key, (row, []))[1].append(future)
        return await future

    def _look(self, loop: asyncio.AbstractEventLoop, asked: int, quiet: int) -> None:
        """Look once every pass of the event loop whether anybody asked since."""
        quiet = quiet + 1 if asked == self._asked else 0
        if quiet == QUIET:
            self._dispatch()
        else:
            loop.call_soon(self._look, loop, self._asked, quiet)

    def _dispatch(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for fill, batch in waiting.values():
            task = asyncio.create_task(self._fill(fill, batch))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _fill(self, fill: Fill, batch: Batch) -> None:
        try:
            found = await fill([row for row, _ in batch.values()])
        except Exception as error:  # noqa: BLE001  # every waiting field reports it at its own path
            for future in unanswered(future for _, futures in batch.values() for future in futures):
                future.set_exception(error)
            return
        for (_, futures), answer in zip(batch.values(), found, strict=True):
            for future in unanswered(futures):
                future.set_result(answer)


class Reads:
    """How each declaration is answered for one row, within one request: the resolvers' half of its context.

    `now` is the request's instant: all that depends on time depends on this one. `view` is the mask whose view of the
    schema the request is answered in: what its viewer may do beyond it by becoming somebody waits for the next one.
    """

    def __init__(
        self, database: Database, viewer: Viewer, room: Room, cursors: Cursors, client: Client | None = None
    ) -> None:
        self.viewer, self.room, self.cursors = viewer, room, cursors
        self.client = client or Client()
        self.view = viewer.anywhere
        self.now = room.clock()
        self.statements = 0
        self._database = database
        self._batches = Batches()

    async def fetch(self, statement: str, *values: Any, rows: type[Row] | None = None) -> list[Any]:
        """One statement, counted."""
        self.statements += 1
        return await self._database.fetch(statement, *values, record_class=rows)

    async def seen(self, noun: type[Noun] | Table, key: UUID, needed: int) -> Row | None:
        """The row with this key, if it is the viewer's to see: else none, and no telling why."""
        table = noun if isinstance(noun, Table) else noun.table
        condition, values = "", list[Any]([key])
        if table.tenant:
            organizations = self.viewer.organizations_where(needed)
            if not organizations:
                return None
            condition, values = f" and {table.tenant} = any($2::uuid[])", [key, organizations]
        statement = f"select {columns(table)} from {table.source} t where t.id = $1{condition}"
        found = await self.fetch(statement, *values, rows=table.row)
        return cast(Row, found[0]) if found else None

    async def related(
        self, relation: Relation[Any], name: str, row: Row, args: Mapping[str, Any], place: Place = ()
    ) -> Any:
        """A row or none, a list, or a page: what the relation stands for."""
        if isinstance(relation, Pages):
            write, read = place_of(relation, name, row, self.cursors)
            window = Window.of(args, read)
            return Page.of(await self._rows(relation, row, place, args, window), window, write)
        if isinstance(relation, One):
            return await self.one(relation, row, place)
        return await self._rows(relation, row, place)

    async def one(self, relation: One[Any], row: Row, place: Place) -> Row | None:
        """The row that the relation leads to, if there is one."""
        if any(row[ours] is None for _, ours in relation.by):
            return None
        found = await self._rows(relation, row, place)
        return found[0] if found else None

    async def batched(self, batched: Batched[T], row: Row, args: Mapping[str, Any], place: Place) -> T:
        """The answer for this row, asked together with that for others."""
        question = (batched, place, tuple(sorted(args.items())))
        found = await self._batches.answer(question, row["id"], row, lambda rows: self._asked(batched, rows, args))
        return cast(T, found)

    async def chosen(self, choice: Choice, row: Row, place: Place) -> Row | Constant | None:
        """The first case that holds and that the viewer may be told.

        All cases open to him are asked at once: which one holds changes neither the statements nor their number.
        """
        if row[choice.present.name] is None:
            return choice.absent
        key = tuple(row[name] for name in inputs(choice, row.table))
        found: Row | Constant | None = await self._batches.answer(
            (choice, row.table, place), key, row, lambda rows: self._chosen(choice, rows)
        )
        return found

    async def _chosen(self, choice: Choice, rows: Sequence[Row]) -> Sequence[Row | Constant | None]:
        cases = await asyncio.gather(*(self._case(case, rows) for case in choice.cases))
        return [next((one for one in answers if one is not None), None) for answers in zip(*cases, strict=True)]

    async def _case(self, case: Case, rows: Sequence[Row]) -> Sequence[Row | Constant | None]:
        """For each row what this case says of it, if it holds."""
        holds = [case.open_to(self.viewer.granted(row.organization)) and case.holds(row) for row in rows]
        if not case.found:
            return [case.constant if held else None for held in holds]
        asked = list(compress(rows, holds))
        found = iter(await self._fetch(case.found, asked, {}, None) if asked else ())
        return [next(iter(next(found)), None) if held else None for held in holds]

    async def _asked(self, batched: Batched[T], rows: Sequence[Row], args: Mapping[str, Any]) -> Sequence[T]:
        return await batched.answer(self, rows, args)

    async def _rows(
        self,
        relation: Relation[Any],
        row: Row,
        place: Place,
        args: Mapping[str, Any] = NOTHING,
        window: Window | None = None,
    ) -> list[Row]:
        question = (relation, row.table, place, tuple(sorted(args.items())))
        key = tuple(row[ours] for _, ours in relation.joins(row.table))
        found: list[Row] = await self._batches.answer(
            question, key, row, lambda rows: self._fetch(relation, rows, args, window)
        )
        return found

    async def _fetch(
        self, relation: Relation[Any], parents: Sequence[Row], args: Mapping[str, Any], window: Window | None
    ) -> list[list[Row]]:
        values: list[Any] = []

        def bind(value: Any) -> str:
            values.append(value)
            return f"${len(values)}"

        joins = relation.joins(parents[0].table)
        keys = [f"{bind([row[ours] for row in parents])}::{theirs.sql}[]" for theirs, ours in joins]
        inner = source(relation, "t", [(theirs, f"p.k{i}") for i, (theirs, _) in enumerate(joins)])
        if window:
            inner += narrow(relation, "t", args, self.now, bind) + keyset(relation, "t", window, bind)
        order = ordering(relation, "t", backward=bool(window and window.backward))
        limit = f" limit {bind(window.limit + 1)}" if window else ""
        names = ", ".join(f"k{i}" for i in range(len(joins)))
        rows = await self.fetch(
            f"select p.n_, t.* from unnest({', '.join(keys)}) with ordinality p({names}, n_)"
            f" cross join lateral (select {columns(relation.table)} {inner}{order}{limit}) t"
            f"{order.replace(' order by ', ' order by p.n_, ')}",
            *values,
            rows=relation.table.row,
        )
        found: list[list[Row]] = [[] for _ in parents]
        for row in rows:
            found[row["n_"] - 1].append(row)
        return found


def unanswered(futures: Iterable[asyncio.Future[Any]]) -> Iterator[asyncio.Future[Any]]:
    """Those that somebody still waits for: who was cancelled does not."""
    return (future for future in futures if not future.done())


def columns(table: Table) -> str:
    """The columns of a row, for SELECT."""
    return ", ".join(f"t.{name}" for name in table.columns)
