"""What is booked is booked here, in the transaction of what it is about."""

from uuid import UUID

from billing.change import Change
from billing.rules.ledger import Entries
from models import LedgerEntry, LedgerPosting, PostingKind
from models.ledger import Account


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
