"""The history of what was done about the demo's money."""

from datetime import datetime

from models import BillingActivity, BillingActivityKind
from purser.demo.book import SYSTEM, Actor, Book, Made
from purser.demo.company import Company


def event(
    book: Book, company: Company, kind: BillingActivityKind, at: datetime, actor: Actor = SYSTEM, **about: Made
) -> None:
    """Add an entry about rows that are named `invoice`, `payment`, `payment_method` or `invitation`."""
    named = {f"{name}_id": row["id"] for name, row in about.items()}
    who = {"actor_id": actor[0], "acted_as": actor[1]}
    book.add(BillingActivity, at, organization_id=company.id, kind=kind, at=at, **who, **named)
