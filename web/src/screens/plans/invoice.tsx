import { lazy, Suspense } from "preact/compat";
import type { InvoiceFragment, PaymentMethodFragment } from "../../../generated/billing/graphql";
import { useMay } from "../../data/session";
import { Dialog } from "../../parts/dialog";
import { useActor } from "../../parts/people";
import { useFormats, useWords } from "../../words";
import { InvoiceStatus } from "./invoices";
import { Lines } from "./lines";

const PayInvoice = lazy(() => import("../money/pay-invoice").then(({ PayInvoice }) => ({ default: PayInvoice })));

interface Props {
  invoice: InvoiceFragment;
  methods: PaymentMethodFragment[];
  onClose: () => void;
}

/** One invoice, line by line. */
export function InvoiceDetails({ invoice, methods, onClose }: Props) {
  const words = useWords();
  const may = useMay();
  const { money, percent } = useFormats();
  const said = words.invoices;
  const settled = invoice.total.amount - invoice.amountDue.amount;
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
        {settled > 0 && invoice.amountDue.amount > 0 && (
          <>
            <dt class="muted">{said.settled}</dt>
            <dd>{money({ ...invoice.total, amount: -settled })}</dd>
          </>
        )}
        {invoice.amountDue.amount > 0 && (
          <>
            <dt class="muted">{said.amountDue}</dt>
            <dd class="strong">{money(invoice.amountDue)}</dd>
          </>
        )}
      </dl>
      {invoice.creditNotes.map(({ id, number, total, pdfUrl }) => (
        <p class="muted" key={id}>
          {said.creditNote(number, money(total))}{" "}
          {pdfUrl && <Download url={pdfUrl} name={number} />}
        </p>
      ))}
      {invoice.pdfUrl && <Download url={invoice.pdfUrl} name={invoice.number ?? said.draft} button />}
      {payable(invoice) && may("CHANGE_PLAN") && (
        <Suspense fallback={null}>
          <PayInvoice invoice={invoice} methods={methods} onDone={onClose} />
        </Suspense>
      )}
    </Dialog>
  );
}

function payable({ status, amountDue }: InvoiceFragment): boolean {
  return (status === "OPEN" || status === "UNCOLLECTIBLE") && amountDue.amount > 0;
}

export function Download({ url, name, button }: { url: string; name: string; button?: boolean }) {
  const words = useWords();
  return (
    <a class={button ? "button" : undefined} href={url} download aria-label={words.invoices.downloadOf(name)}>
      {words.invoices.download}
    </a>
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
