"""What is booked is booked here, in the transaction of what it is about; and the books are proved here."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from billing.change import Change
from billing.ledger_laws import LAWS
from billing.rules.ledger import Entries
from models import LedgerEntry, LedgerPosting, PostingKind
from models.database import Connection
from models.ledger import Account

COUNTED = ("ledger_posting", "invoice", "payment", "refund", "credit", "credit_note")


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a law of the books does not hold: a row, or an organization as a whole."""

    law: str
    organization_id: UUID
    id: UUID | None
    expected: int
    found: int


@dataclass(frozen=True, slots=True)
class Proof:
    """What was looked at, by table, and what is wrong."""

    counts: Mapping[str, int]
    findings: tuple[Finding, ...]


async def post(org: Change, kind: PostingKind, entries: Entries, **about: UUID | None) -> None:
    """Book these sides as one; `about` names rows by their columns of a posting. Nothing is no posting."""
    if not entries:
        return
    posting = await org.create(LedgerPosting, kind=kind, at=org.now, **about)
    await org.create_all(
        LedgerEntry,
        [
            {
                "posting_id": posting.id,
                "position": position,
                "account": Account(entry.account),
                "amount": entry.amount.amount,
                "currency": entry.amount.currency,
            }
            for position, entry in enumerate(entries)
        ],
    )


async def check(connection: Connection) -> Proof:
    """Prove the books of all organizations, as they are at one instant: nothing that goes on meanwhile disturbs."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        counts = {table: await connection.fetchval(f"select count(*) from {table}") for table in COUNTED}
        return Proof(counts, tuple([finding for law in LAWS for finding in await broken(connection, law)]))


async def broken(connection: Connection, law: str) -> list[Finding]:
    """Where a law does not hold."""
    found = await connection.fetch(
        f"select organization_id, id, expected, found from ({LAWS[law]}) each"
        " where expected is distinct from found order by organization_id, id"
    )
    return [
        Finding(law, row["organization_id"], row["id"], int(row["expected"]), int(row["found"] or 0)) for row in found
    ]
