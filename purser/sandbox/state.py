"""What the sandbox keeps: a file of its own in the data directory, and nothing of it in Purser's database."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

TABLES = """
create table if not exists customer (id text primary key, owner text not null);
create table if not exists method (
    id text primary key, token text not null, customer text references customer,
    forgotten integer not null default 0);
create table if not exists charge (
    number integer primary key, id text not null unique, key text not null, method text not null references method,
    customer text, amount integer not null, currency text not null, status text not null, failure_code text,
    return_url text not null, refunded integer not null default 0, settles_at real, created_at real not null,
    check (refunded between 0 and amount));
create table if not exists refund (
    number integer primary key, id text not null unique, charge text not null references charge (id),
    amount integer not null check (amount > 0), currency text not null, created_at real not null);
create table if not exists call (key text primary key, digest text not null, made text not null);
create table if not exists event (
    number integer primary key, id text not null unique, kind text not null, charge text not null,
    created_at real not null, due_at real not null, copies integer not null, attempts integer not null default 0,
    delivered_at real);
create index if not exists event_due on event (due_at, number) where copies > 0;
create index if not exists charge_settles on charge (settles_at) where settles_at is not null;
create table if not exists setting (name text primary key, value text not null);
"""

Row = sqlite3.Row


class State:
    """The file, open. Statements do not await, so each transaction is alone."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(
            f"pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; {TABLES}"
        )

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it, or nothing."""
        self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def do(self, statement: str, *values: Any) -> int:
        """How many rows were changed."""
        return self._connection.execute(statement, values).rowcount

    def one(self, statement: str, *values: Any) -> Row | None:
        found: Row | None = self._connection.execute(statement, values).fetchone()
        return found

    def all(self, statement: str, *values: Any) -> list[Row]:
        return self._connection.execute(statement, values).fetchall()

    def insert(self, table: str, **values: Any) -> None:
        marks = ", ".join("?" * len(values))
        self._connection.execute(
            f"insert into {table} ({', '.join(values)}) values ({marks})",  # noqa: S608  # names of our own
            tuple(values.values()),
        )


def new(prefix: str) -> str:
    """An id that nobody guesses: it opens the page of a charge."""
    return f"{prefix}_{token_hex(12)}"
