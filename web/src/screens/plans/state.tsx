import { useState } from "preact/hooks";
import { type InvoiceFragment, LongestOpenInvoiceDocument, type PaymentMethodFragment } from "../../../generated/billing/graphql";
import { useAnswer } from "../../data/answer";
import { useOrganization } from "../../data/session";
import { Button } from "../../parts/button";
import { useWords } from "../../words";
import { InvoiceDetails } from "./invoice";
import type { Subscription } from "./plan";

interface Props {
  status: Subscription["status"];
  methods: PaymentMethodFragment[];
}

/** What a state that is not as it should be means, and the way out of it. */
export function State({ status, methods }: Props) {
  const words = useWords();
  const more = words.plans.statusMore[status];
  if (!more) return null;
  return (
    <div class={owing.has(status) ? "notice bad" : "notice warn"} role="status">
      <span class="grow">{more}</span>
      {owing.has(status) && <Settle methods={methods} />}
    </div>
  );
}

const owing = new Set<Subscription["status"]>(["PAST_DUE", "SUSPENDED"]);

/** Leads to the invoice that has waited longest. */
function Settle({ methods }: { methods: PaymentMethodFragment[] }) {
  const words = useWords();
  const { slug } = useOrganization();
  // The one that was opened: another may come to wait longest while one pays.
  const [opened, setOpened] = useState<InvoiceFragment | null>(null);
  const { data } = useAnswer(LongestOpenInvoiceDocument, { slug });
  const [invoice] = data?.organization?.invoices?.nodes ?? [];
  return (
    <>
      {invoice && (
        <Button kind="primary" onClick={() => setOpened(invoice)}>
          {words.money.payInvoice(invoice.number ?? "")}
        </Button>
      )}
      {opened && <InvoiceDetails invoice={opened} methods={methods} onClose={() => setOpened(null)} />}
    </>
  );
}
