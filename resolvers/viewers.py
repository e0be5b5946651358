"""What the viewer's own fields stand for."""

from collections.abc import Mapping, Sequence
from typing import Any

import models
from models.table import Row
from resolvers.loads import Reads, columns
from resolvers.paging import Page, Window, place_of
from resolvers.relations import Batched, pages


async def _api_keys(reads: Reads, users: Sequence[Row], _args: Mapping[str, Any]) -> Sequence[list[Row]]:
    rows = await reads.fetch(
        f"select {columns(models.ApiKey.table)} from api_key t where t.user_id = any($1::uuid[])"
        " and t.revoked_at is null and (t.organization_id is null or t.organization_id = any($2::uuid[]))"
        " order by t.created_at desc, t.id desc",
        [row["id"] for row in users],
        list(reads.viewer.standings),
        rows=models.ApiKey.table.row,
    )
    return [[row for row in rows if row["user_id"] == user["id"]] for user in users]


async def _sessions(reads: Reads, users: Sequence[Row], _args: Mapping[str, Any]) -> Sequence[list[Row]]:
    rows = await reads.fetch(
        f"select {columns(models.Session.table)} from session t where t.user_id = any($1::uuid[])"
        " and t.revoked_at is null and t.expires_at > $2 order by t.created_at desc, t.id desc",
        [row["id"] for row in users] if reads.viewer.session_id else [],
        reads.now,
        rows=models.Session.table.row,
    )
    return [[row for row in rows if row["user_id"] == user["id"]] for user in users]


api_keys = Batched(_api_keys)
sessions = Batched(_sessions)
in_order = pages(models.Organization, by=models.Organization.id, oldest=models.Organization.created_at)


def organizations(reads: Reads, user: Row, args: Mapping[str, Any]) -> Page:
    """A page of the organizations in scope: their rows came with the viewer, so no statement is needed."""
    write, read = place_of(in_order, "Viewer.organizations", user, reads.cursors)
    window = Window.of(args, read)

    def place(row: Row) -> tuple[Any, ...]:
        return tuple(row[column.name] for column in in_order.order)

    rows = sorted((standing.organization for standing in reads.viewer.standings.values()), key=place)
    if window.backward:
        rows.reverse()
    if cursor := window.cursor:
        rows = [row for row in rows if (place(row) < cursor if window.backward else place(row) > cursor)]
    return Page.of(rows[: window.limit + 1], window, write)
