"""Printing: the PDF of a document is made once and kept; whoever is first makes it, worker or reader."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from billing.documents.document import Document, DocumentKind, restored
from billing.documents.rendering import render
from billing.rights import Fetch
from billing.room import Room
from models.queue import Claimed
from models.transactions import rows

Row = Mapping[str, Any]
TABLES = {DocumentKind.INVOICE: "invoice", DocumentKind.CREDIT_NOTE: "credit_note"}
FOUND = """
select d.organization_id, d.number, r.content, r.digest, case when r.id is null then d.document end as document
from {table} d
left join rendered_document r on (r.organization_id, r.{table}_id) = (d.organization_id, d.id)
where d.organization_id = any($1::uuid[]) and d.id = $2 and d.document is not null
"""
# What was kept first stays, even if a later version of us would print it otherwise.
KEEP = """
insert into rendered_document (id, organization_id, {table}_id, content, digest, rendered_at)
values ($1, $2, $3, $4, $5, $6) on conflict (organization_id, invoice_id, credit_note_id) do nothing
"""


@dataclass(frozen=True)
class Paper:
    """A PDF as it is kept, and the number on it."""

    number: str
    content: bytes = field(repr=False)
    digest: bytes


async def paper(
    room: Room, kind: DocumentKind, key: UUID, organizations: Sequence[UUID], fetch: Fetch = rows
) -> Paper | None:
    """The document of one of these organizations, printed now if it was not yet; none if there is none."""
    found = await _found(kind, key, organizations, fetch)
    if found and found["content"] is None:
        await _print(room, kind, key, found, fetch)
        found = await _found(kind, key, organizations, fetch)
    return Paper(found["number"], found["content"], found["digest"]) if found else None


async def printed(room: Room, job: Claimed) -> None:
    """The same as a job, so that nobody waits for it."""
    for kind, table in TABLES.items():
        if job.organization_id and table in job.payload:
            await paper(room, kind, UUID(job.payload[table]), [job.organization_id])


async def _found(kind: DocumentKind, key: UUID, organizations: Sequence[UUID], fetch: Fetch) -> Row | None:
    found = await fetch(FOUND.format(table=TABLES[kind]), list(organizations), key)
    return found[0] if found else None


async def _print(room: Room, kind: DocumentKind, key: UUID, found: Row, fetch: Fetch) -> None:
    content = await asyncio.to_thread(render, snapshot(found["document"]))
    now, digest = room.clock(), hashlib.sha256(content).digest()
    keep = KEEP.format(table=TABLES[kind])
    await fetch(keep, room.ids(now), found["organization_id"], key, content, digest, now)


def snapshot(document: str | dict[str, Any]) -> Document:
    """The document of a column, as either driver gives it."""
    return restored(orjson.loads(document) if isinstance(document, str) else document)
