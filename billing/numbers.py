"""Numbers of documents: a counter an organization, taken in the transaction that issues one: none is missing."""

from typing import Literal

from billing.change import Change
from billing.rules.numbers import CREDIT_NOTE, INVOICE, document_number
from models.transactions import rows

SERIES = {"invoices": INVOICE, "credit_notes": CREDIT_NOTE}
NEXT = """
insert into document_counter as c (id, organization_id, mark, invoices, credit_notes)
values ($1, $2, $3, ($4 = 'invoices')::int, ($4 = 'credit_notes')::int)
on conflict (organization_id) do update
set invoices = c.invoices + excluded.invoices, credit_notes = c.credit_notes + excluded.credit_notes
returning mark, invoices, credit_notes
"""


async def next_number(org: Change, series: Literal["invoices", "credit_notes"]) -> str:
    """The next one. Its mark is the organization's slug, unless the counter was begun with another."""
    found = (await rows(NEXT, org.room.ids(org.now), org.id, org.organization.slug.upper(), series))[0]
    return document_number(found["mark"], SERIES[series], found[series])
