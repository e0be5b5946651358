"""Every page of every connection is a range of an index, whatever the size of the table."""

# ruff: noqa: S608  # statements are made of our own names and values

import importlib
import json
import pkgutil
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import asyncpg
import pytest

import models
import resolvers
from billing.room import Room
from billing.sealing import Sealer
from models.loading import TABLES
from models.table import Noun, Row
from models.viewer import NOBODY
from resolvers.cursors import Cursors
from resolvers.loads import Reads
from resolvers.relations import Filter, Pages
from tests import cluster
from tests.rows import LATER, POSITIONS, THEN, id_of, one_of_each

MANY = 2000
NOW = LATER + timedelta(minutes=MANY // 2)  # half of the invitations have expired
ROOM = Room(Sealer(b"secret"), lambda: NOW)
PARENTS: dict[str, type[Noun]] = {"organization_id": models.Organization, "team_id": models.Team}

# What sets a copy of a row apart from the others, beside its id and its times; n counts the copies.
APART: dict[type[Noun], dict[str, str]] = {
    models.User: {"email_key": "n::text"},
    models.Member: {"user_id": "{user_account}"},
    models.RoleGrant: {"user_id": "{user_account}", "role": "'BILLING_MANAGER'", "member_id": "null"},
    models.Team: {},
    models.TeamMember: {"member_id": "{member}"},
    models.Project: {},
    models.Resource: {},
    models.Activity: {},
    models.Payment: {
        "invoice_id": "null",
        "status": "(array['SUCCEEDED', 'FAILED', 'PROCESSING', 'REFUNDED'])[n % 4 + 1]",
    },
    models.Credit: {},
    models.Invoice: {"number": "n::text || 'x'", "status": "(array['OPEN', 'PAID', 'VOID'])[n % 3 + 1]"},
    models.BillingInvitation: {
        "email_key": "n::text",
        "token_digest": "sha256(n::text::bytea)",
        "status": "(array['PENDING', 'ACCEPTED', 'DECLINED', 'REVOKED'])[n % 4 + 1]",
    },
    models.MemberInvitation: {
        "email_key": "n::text",
        "token_digest": "sha256(n::text::bytea)",
        "status": "(array['PENDING', 'ACCEPTED', 'DECLINED', 'REVOKED'])[n % 4 + 1]",
    },
    models.BillingActivity: {},
}


def copies(noun: type[Noun], apart: Mapping[str, str]) -> str:
    """Many copies of the first organization's row."""
    ids = {
        table: f"('{position:08x}-0000-0000-0001-' || lpad(to_hex(n), 12, '0'))::uuid"
        for table, position in POSITIONS.items()
    }
    columns = noun.table.columns
    values = {name: f"r.{name}" for name in columns}
    values |= {name: f"r.{name} + n * interval '1 minute'" for name in columns if columns[name].type is datetime}
    values |= {"id": ids[noun.table.source]} | {name: value.format_map(ids) for name, value in apart.items()}
    table = noun.table.source
    return (
        f"insert into {table} ({', '.join(columns)}) select {', '.join(values[name] for name in columns)}"
        f" from {table} r, generate_series(1, {MANY}) n where r.id = '{id_of(table)}'"
    )


def connections() -> dict[str, Pages[Any]]:
    """The lists that are read page by page, by the name of their declaration."""
    found = {}
    for module in pkgutil.iter_modules(resolvers.__path__):
        for name, value in vars(importlib.import_module(f"resolvers.{module.name}")).items():
            # An organization's own key pages what came with the viewer: no statement.
            if isinstance(value, Pages) and value.by[0][0] is not models.Organization.id:
                found[f"{module.name}.{name}"] = value
    return found


CONNECTIONS = connections()


class Explaining:
    """A database that keeps the plan of each statement which it answers."""

    def __init__(self, connection: "asyncpg.Connection[Any]") -> None:
        self.connection = connection
        self.plans: list[dict[str, Any]] = []

    async def fetch(self, statement: str, *values: Any, record_class: type[Row] | None = None) -> list[Any]:
        explained = await self.connection.fetchval(f"explain (format json) {statement}", *values)
        self.plans.append(json.loads(explained)[0]["Plan"])
        return await self.connection.fetch(statement, *values, record_class=record_class)


@pytest.fixture(scope="module")
async def filled(server_url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A database with many rows in every table that has pages."""
    async with cluster.created(server_url, await cluster.migrated(server_url)) as url, cluster.connection(url) as made:
        await one_of_each(made, tenant=1)
        await one_of_each(made, tenant=2)
        for noun in TABLES:
            if noun in APART:
                await made.execute(copies(noun, APART[noun]))
        await made.execute("vacuum analyze")
        yield made


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def assert_ranges(plan: dict[str, Any]) -> None:
    """What is below the limit reads rows by index conditions alone, in the order of the index."""
    pages = [node for node in nodes(plan) if node["Node Type"] == "Limit"]
    assert len(pages) == 1, plan
    within = list(nodes(pages[0]))
    assert not [node for node in within if "Sort" in node["Node Type"]], plan
    scans = [node for node in within if "Scan" in node["Node Type"]]
    assert {node["Node Type"] for node in scans} <= {"Index Scan", "Index Only Scan"}, plan
    ranges = [node for node in scans if node["Index Name"].endswith("_order")]
    assert ranges, plan
    # PENDING and EXPIRED are one status with a time between them.
    assert not [node for node in ranges if "expires_at" not in node.get("Filter", "expires_at")], plan


def asked(filters: tuple[Filter, ...]) -> Iterator[dict[str, Any]]:
    """No filter, each value of each alone, and all of them at once."""
    values = {one.name: list(one.type) if issubclass(one.type, StrEnum) else [THEN.date()] for one in filters}
    yield {}
    yield from ({name: value} for name, some in values.items() for value in some)
    yield {name: some[0] for name, some in values.items()}


@pytest.mark.parametrize("name", CONNECTIONS)
async def test_a_page_is_a_range_of_an_index(filled: "asyncpg.Connection[Any]", name: str) -> None:
    relation = CONNECTIONS[name]
    table = PARENTS[relation.by[0][0].name].table
    statement = f"select {', '.join(table.columns)} from {table.source} where id = $1"
    parent: Any = await filled.fetchrow(statement, id_of(table.source), record_class=table.row)
    for given in asked(relation.filters):
        database = Explaining(filled)
        reads = Reads(database, NOBODY, ROOM, Cursors(b"secret"))
        for way, beyond in (("first", "after"), ("last", "before")):
            page = await reads.related(relation, name, parent, {way: 20, **given})
            info = page.page_info
            cursor = info.end_cursor if way == "first" else info.start_cursor
            await reads.related(relation, name, parent, {way: 20, beyond: cursor, **given})
        assert len(database.plans) == 4
        for plan in database.plans:
            assert_ranges(plan)


def test_every_paged_table_is_filled() -> None:
    sources = {"billing_manager": "role_grant", "member_of_team": "team_member"}
    paged = {relation.table.source for relation in CONNECTIONS.values()}
    assert {sources.get(source, source) for source in paged} <= {noun.table.source for noun in APART}
