import { useState } from "preact/hooks";
import { type InvoiceFragment, PayInvoiceDocument, type PaymentMethodFragment } from "../../../generated/billing/graphql";
import { type Refusal, useKeyedChange } from "../../data/change";
import { Button } from "../../parts/button";
import { Refusals } from "../../parts/form";
import { useSay } from "../../parts/toast";
import { useFormats, useWords } from "../../words";
import { explained } from "./checkout";
import { useNextAction } from "./next-action";
import { PayWith } from "./pay-with";

interface Props {
  invoice: InvoiceFragment;
  methods: PaymentMethodFragment[];
  onDone: () => void;
}

/** Pays what is open of an invoice. */
export function PayInvoice({ invoice, methods, onDone }: Props) {
  const words = useWords();
  const { money } = useFormats();
  const say = useSay();
  const follow = useNextAction();
  const [method, setMethod] = useState(methods.find((one) => one.isDefault)?.id ?? "");
  const [run, busy] = useKeyedChange(PayInvoiceDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const pay = async () => {
    const done = await run({ invoiceId: invoice.id, paymentMethodId: method || null });
    const failure = done.payload?.payment?.failureCode;
    setRefusals(done.refusals.map((one) => explained(one, failure, words.payments.failures)));
    if (!done.payload || done.refusals.length) return;
    const { nextAction, payment } = done.payload;
    if (nextAction && payment) return void follow(nextAction, payment.id);
    say(payment?.status === "PROCESSING" ? words.money.underWay : words.invoices.paidNow);
    onDone();
  };
  return (
    <div class="form">
      <PayWith methods={methods} chosen={method} onChange={setMethod} />
      <Refusals refusals={refusals} />
      <div class="actions end">
        <Button kind="primary" busy={busy} onClick={pay}>
          {words.money.pay(money(invoice.amountDue))}
        </Button>
      </div>
    </div>
  );
}
