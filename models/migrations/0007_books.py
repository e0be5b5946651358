"""What refuses to change: the books, and documents that were issued."""

from collections.abc import Iterator

from tortoise import migrations
from tortoise.migrations import operations as ops

FUNCTIONS = {
    # Books are only ever added to.
    "books_kept": """
begin
  raise exception 'the ledger is append-only' using errcode = 'integrity_constraint_violation';
end
""",
    # At the commit, so that entries may come one by one.
    "posting_balanced": """
begin
  if exists (
    select from ledger_entry where organization_id = new.organization_id and posting_id = new.posting_id
    group by currency having sum(amount) <> 0
  ) then
    raise exception 'a posting sums to zero' using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end
""",
    # What was issued stands: only how it is paid may change.
    "invoice_kept": """
begin
  if old.number is null then
    return case when tg_op = 'DELETE' then old else new end;
  end if;
  if tg_op = 'DELETE' or
    (new.id, new.organization_id, new.number, new.currency, new.subtotal, new.tax, new.total, new.credit_applied,
     new.purchase_order, new.created_at, new.issued_at, new.due_at, new.document, new.quote_id,
     new.transfer_reference, new.requested_by_id, new.requested_as)
    is distinct from
    (old.id, old.organization_id, old.number, old.currency, old.subtotal, old.tax, old.total, old.credit_applied,
     old.purchase_order, old.created_at, old.issued_at, old.due_at, old.document, old.quote_id,
     old.transfer_reference, old.requested_by_id, old.requested_as)
  then
    raise exception 'an issued invoice does not change' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end
""",
    "invoice_part_kept": """
begin
  if exists (
    select from invoice
    where organization_id = old.organization_id and id = old.invoice_id and number is not null
  ) then
    raise exception 'an issued invoice does not change' using errcode = 'integrity_constraint_violation';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end
""",
    "document_kept": """
begin
  raise exception 'a document does not change' using errcode = 'integrity_constraint_violation';
end
""",
}

EACH = "for each row execute function"
TRIGGERS = {
    "ledger_posting_kept": ("before update or delete on ledger_posting", f"{EACH} books_kept()"),
    "ledger_entry_kept": ("before update or delete on ledger_entry", f"{EACH} books_kept()"),
    "invoice_kept": ("before update or delete on invoice", f"{EACH} invoice_kept()"),
    "invoice_line_kept": ("before update or delete on invoice_line", f"{EACH} invoice_part_kept()"),
    "tax_line_kept": ("before update or delete on tax_line", f"{EACH} invoice_part_kept()"),
    "credit_note_kept": ("before update or delete on credit_note", f"{EACH} document_kept()"),
    "rendered_document_kept": ("before update or delete on rendered_document", f"{EACH} document_kept()"),
}


def triggers() -> Iterator[tuple[str, str]]:
    for function, body in FUNCTIONS.items():
        yield (
            f"create function {function}() returns trigger language plpgsql as $${body}$$",
            f"drop function {function}()",
        )
    for trigger, (when, what) in TRIGGERS.items():
        yield f"create trigger {trigger} {when} {what}", f"drop trigger {trigger} on {when.split()[-1]}"
    yield (
        (
            "create constraint trigger ledger_entry_balanced after insert on ledger_entry"
            f" deferrable initially deferred {EACH} posting_balanced()"
        ),
        "drop trigger ledger_entry_balanced on ledger_entry",
    )


def run() -> ops.RunSQL:
    forward, backward = zip(*triggers(), strict=True)
    return ops.RunSQL(forward, tuple(reversed(backward)))


class Migration(migrations.Migration):
    dependencies = [("models", "0006_money")]  # noqa: RUF012  # the base class says how
    operations = [run()]  # noqa: RUF012
