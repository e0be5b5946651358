"""The laws of the books: each says what should be, beside what is, of all rows of all organizations."""

# statements are made of our own names

# What an entry is about has one currency.
CURRENCY = """
select p.organization_id, p.id, 0 as expected, count(*) as found from ledger_posting p
join ledger_entry e on (e.organization_id, e.posting_id) = (p.organization_id, p.id)
left join invoice i on (i.organization_id, i.id) = (p.organization_id, p.invoice_id)
left join payment y on (y.organization_id, y.id) = (p.organization_id, p.payment_id)
left join credit c on (c.organization_id, c.id) = (p.organization_id, p.credit_id)
where e.currency <> all(array_remove(array[i.currency, y.currency, c.currency], null))
group by 1, 2
"""
POSTING = """
select organization_id, posting_id as id, 0 as expected, sum(amount) as found from ledger_entry group by 1, 2, currency
"""
SIDES = """
select p.organization_id, p.id, 2 as expected, least(count(e.id), 2) as found from ledger_posting p
left join ledger_entry e on (e.organization_id, e.posting_id) = (p.organization_id, p.id) group by 1, 2
"""
CREDIT_USE = """
select u.organization_id, u.id, u.amount - u.returned as expected, coalesce(sum(e.amount), 0) as found from credit_use u
left join ledger_posting p on (p.organization_id, p.invoice_id, p.credit_id)
  = (u.organization_id, u.invoice_id, u.credit_id) and p.kind in ('CREDIT_USED', 'CREDIT_RETURNED')
left join ledger_entry e on (e.organization_id, e.posting_id) = (p.organization_id, p.id) and e.account = 'CREDIT'
group by u.id
"""
CARRIED = """
select organization_id, null::uuid as id, 0 as expected, least(sum(amount), 0) as found
from ledger_entry where account = 'CARRIED' group by organization_id, currency
"""
SEATS = """
select organization_id, id, seats_used + seats_reserved as expected,
  least(seats_purchased, seats_used + seats_reserved) as found from plan_subscription
"""


def booked(table: str, expected: str, account: str, kind: str = "", *, sign: int = 1) -> str:
    """What the books hold on an account about each row of a table, from postings of one kind or of all."""
    of = f"and p.kind = '{kind}'" if kind else ""
    return f"""
select t.organization_id, t.id, {expected} as expected, {sign} * coalesce(b.amount, 0) as found from {table} t
left join (
  select p.organization_id, p.{table}_id as id, sum(e.amount) as amount from ledger_posting p
  join ledger_entry e on (e.organization_id, e.posting_id) = (p.organization_id, p.id)
  where e.account = '{account}' {of} group by 1, 2
) b on (b.organization_id, b.id) = (t.organization_id, t.id)
"""


def made_of(table: str, expected: str, part: str, where: str = "true") -> str:
    """What the parts of each row of a table sum to."""
    return f"""
select t.organization_id, t.id, {expected} as expected, coalesce(s.amount, 0) as found from {table} t
left join (
  select organization_id, {table}_id as id, sum(amount) as amount from {part} where {where} group by 1, 2
) s on (s.organization_id, s.id) = (t.organization_id, t.id)
"""


def same(table: str, expected: str, found: str, where: str = "true") -> str:
    """What two columns say of the same."""
    return f"select organization_id, id, {expected} as expected, {found} as found from {table} where {where}"


def numbered(table: str, counter: str) -> str:
    """Numbers of an organization's documents: 1, 2, 3 and so on up to its counter. Found is how far that is so."""
    return f"""
select organization_id, null::uuid as id, greatest(c.{counter}, d.documents) as expected,
  least(coalesce(c.{counter}, 0), coalesce(d.far, 0)) as found
from (
  select organization_id, count(*) as documents, count(*) filter (where count = place) as far from (
    select organization_id, substring(number from '[0-9]+$')::numeric as count,
      row_number() over (partition by organization_id order by substring(number from '[0-9]+$')::numeric) as place
    from {table} where number is not null
  ) n group by 1
) d full join document_counter c using (organization_id)
"""


LAWS = {
    "posting sums to zero": POSTING,
    "posting has two sides": SIDES,
    "posting is in the currency of what it is about": CURRENCY,
    "invoice is owed as booked": booked(
        "invoice", "case when t.status = 'OPEN' then t.amount_due else 0 end", "RECEIVABLE"
    ),
    "invoice is nothing due when it is settled": same("invoice", "0", "amount_due", "status in ('PAID', 'VOID')"),
    "invoice's subtotal is booked": booked(
        "invoice", "case when t.number is null then 0 else t.subtotal end", "REVENUE", "INVOICE_ISSUED", sign=-1
    ),
    "invoice's tax is booked": booked(
        "invoice", "case when t.number is null then 0 else t.tax end", "TAX", "INVOICE_ISSUED", sign=-1
    ),
    "invoice's lines sum to its subtotal": made_of("invoice", "t.subtotal", "invoice_line"),
    "invoice's tax lines sum to its tax": made_of("invoice", "t.tax", "tax_line"),
    "invoice's total is subtotal and tax": same("invoice", "subtotal + tax", "total"),
    "invoice's credits are those used": made_of("invoice", "t.credit_applied", "credit_use"),
    "credit's use is booked": CREDIT_USE,
    "credit's rest is booked": booked("credit", "t.remaining", "CREDIT", sign=-1),
    "payment is booked": booked(
        "payment", "case when t.status in ('SUCCEEDED', 'REFUNDED') then t.amount else 0 end", "CASH", "PAYMENT"
    ),
    "payment's refunds are what it says": made_of(
        "payment", "t.refunded_amount", "refund", "status in ('SUCCEEDED', 'PENDING')"
    ),
    "refund is booked": booked(
        "refund", "case when t.status = 'SUCCEEDED' then t.amount else 0 end", "CASH", "REFUND", sign=-1
    ),
    "credit note's subtotal is booked": booked("credit_note", "t.subtotal", "REVENUE", "CREDIT_NOTE"),
    "credit note's tax is booked": booked("credit_note", "t.tax", "TAX", "CREDIT_NOTE"),
    "credit note's total is subtotal and tax": same("credit_note", "subtotal + tax", "total"),
    "invoice numbers have no gap": numbered("invoice", "invoices"),
    "credit note numbers have no gap": numbered("credit_note", "credit_notes"),
    "carried is never below zero": CARRIED,
    "seats suffice for who has one": SEATS,
}
