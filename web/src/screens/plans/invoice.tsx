import type { InvoiceFragment } from "../../../generated/billing/graphql";
import { Dialog } from "../../parts/dialog";
import { useActor } from "../../parts/people";
import { useFormats, useWords } from "../../words";
import { InvoiceStatus } from "./invoices";
import { Lines } from "./lines";

/** One invoice, line by line. */
export function InvoiceDetails({ invoice, onClose }: { invoice: InvoiceFragment; onClose: () => void }) {
  const words = useWords();
  const { money, percent } = useFormats();
  const said = words.invoices;
  return (
    <Dialog title={said.details(invoice.number ?? said.draft)} wide onClose={onClose}>
      <Facts invoice={invoice} />
      <Lines lines={invoice.lines} />
      <dl class="sums">
        <dt class="muted">{said.subtotal}</dt>
        <dd>{money(invoice.subtotal)}</dd>
        {invoice.taxLines.map((one) => (
          <>
            <dt class="muted">{one.name.includes("%") ? one.name : `${one.name} ${percent(one.rateBasisPoints)}`}</dt>
            <dd>{money(one.amount)}</dd>
          </>
        ))}
        <dt class="total">{said.total}</dt>
        <dd class="total">{money(invoice.total)}</dd>
        {invoice.amountDue.amount > 0 && (
          <>
            <dt class="muted">{said.amountDue}</dt>
            <dd class="strong">{money(invoice.amountDue)}</dd>
          </>
        )}
      </dl>
      {invoice.creditNotes.map(({ id, number, total }) => (
        <p class="muted" key={id}>
          {said.creditNote(number, money(total))}
        </p>
      ))}
    </Dialog>
  );
}

function Facts({ invoice }: { invoice: InvoiceFragment }) {
  const words = useWords();
  const { utcDay } = useFormats();
  const actor = useActor();
  const said = words.invoices;
  const facts: [string, string | null | undefined][] = [
    [said.issued, invoice.issuedAt && utcDay(invoice.issuedAt)],
    [said.due, invoice.dueAt && utcDay(invoice.dueAt)],
    [said.paidOn, invoice.paidAt && utcDay(invoice.paidAt)],
    [said.purchaseOrder, invoice.purchaseOrder],
    [said.requestedBy, invoice.requestedBy && actor(invoice.requestedBy)],
  ];
  return (
    <dl class="facts-row">
      <div>
        <dt>{said.statusLabel}</dt>
        <dd>
          <InvoiceStatus status={invoice.status} />
        </dd>
      </div>
      {facts.map(
        ([name, value]) =>
          value && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
