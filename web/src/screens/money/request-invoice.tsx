import { useState } from "preact/hooks";
import { RequestInvoiceDocument, type RequestInvoiceMutation } from "../../../generated/billing/graphql";
import { type Refusal, useKeyedChange } from "../../data/change";
import { useOrganization } from "../../data/session";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Field, Form } from "../../parts/form";
import { useFormats, useWords } from "../../words";
import { Download } from "../plans/invoice";

type Done = NonNullable<RequestInvoiceMutation["requestInvoice"]>;

/** A quote, which is paid by the invoice, or a payment that was made. */
type Subject = { quoteId: string } | { paymentId: string };

interface Props {
  subject: Subject;
  onBack: () => void;
  onClose: () => void;
}

/** Asks for an invoice, with the organization's own reference on it, and tells how to pay it. */
export function RequestInvoice({ subject, onBack, onClose }: Props) {
  const words = useWords();
  const { id } = useOrganization();
  const [run, busy] = useKeyedChange(RequestInvoiceDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const [done, setDone] = useState<Done | null>(null);
  const ask = async ({ purchaseOrder = "" }: Record<string, string>) => {
    const answer = await run({ organizationId: id, ...subject, purchaseOrder: purchaseOrder.trim() || null });
    setRefusals(answer.refusals);
    if (answer.payload?.invoice && !answer.refusals.length) setDone(answer.payload);
  };
  if (done) return <Requested done={done} onClose={onClose} />;
  return (
    <Form submit={words.requests.title} busy={busy} refusals={refusals} onSubmit={ask} onCancel={onBack}>
      <p class="muted">{"quoteId" in subject ? words.requests.first : words.requests.after}</p>
      <Field name="purchaseOrder" label={`${words.invoices.purchaseOrder} (${words.optional})`} maxLength={100} />
    </Form>
  );
}

function Requested({ done, onClose }: { done: Done; onClose: () => void }) {
  const words = useWords();
  const { money, utcDay } = useFormats();
  const { invoice, transferReference } = done;
  if (!invoice) return null;
  const number = invoice.number ?? words.invoices.draft;
  const facts: [string, string | null][] = [
    [words.invoices.number, number],
    [words.invoices.total, money(invoice.total)],
    [words.invoices.due, invoice.status === "OPEN" && invoice.dueAt ? utcDay(invoice.dueAt) : null],
    [words.requests.reference, transferReference],
  ];
  return (
    <div class="stack" role="status">
      <p>{transferReference ? words.requests.transfer : words.requests.done}</p>
      <dl class="facts">
        {facts.map(
          ([name, value]) =>
            value && (
              <>
                <dt>{name}</dt>
                <dd class="strong">{value}</dd>
              </>
            ),
        )}
      </dl>
      <div class="actions end">
        {invoice.pdfUrl && <Download url={invoice.pdfUrl} name={number} button />}
        <Button kind="primary" onClick={onClose}>
          {words.invite.done}
        </Button>
      </div>
    </div>
  );
}

/** The invoice of a payment that was made. */
export function RequestForPayment({ paymentId, onClose }: { paymentId: string; onClose: () => void }) {
  const words = useWords();
  return (
    <Dialog title={words.requests.title} onClose={onClose}>
      <RequestInvoice subject={{ paymentId }} onBack={onClose} onClose={onClose} />
    </Dialog>
  );
}
