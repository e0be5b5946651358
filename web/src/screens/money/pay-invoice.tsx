import { useState } from "preact/hooks";
import { type InvoiceFragment, PayInvoiceDocument, type PaymentMethodFragment } from "../../../generated/billing/graphql";
import { type Refusal, useKeyedChange } from "../../data/change";
import { Button } from "../../parts/button";
import { Refusals } from "../../parts/form";
import { useSay } from "../../parts/toast";
import { useFormats, useWords } from "../../words";
import { CardForm } from "./add-card";
import { explained } from "./checkout";
import { useNextAction } from "./next-action";
import { PayWith, useCard } from "./pay-with";

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
  const paying = useCard(methods);
  const [adding, setAdding] = useState(false);
  const [run, busy] = useKeyedChange(PayInvoiceDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const pay = async () => {
    const done = await run({ invoiceId: invoice.id, paymentMethodId: paying.card?.id ?? null });
    const failure = done.payload?.payment?.failureCode;
    setRefusals(done.refusals.map((one) => explained(one, failure, words.payments.failures)));
    if (!done.payload || done.refusals.length) return;
    const { nextAction, payment } = done.payload;
    onDone();
    if (nextAction && payment) return void follow(nextAction, payment.id);
    say(payment?.status === "PROCESSING" ? words.money.underWay : words.invoices.paidNow);
  };
  const added = (card: string) => {
    paying.choose(card);
    setAdding(false);
  };
  if (adding) return <CardForm onDone={added} onCancel={() => setAdding(false)} />;
  return (
    <div class="form">
      <PayWith {...paying} onAdd={() => setAdding(true)} />
      <Refusals refusals={refusals} />
      <div class="actions end">
        {paying.card && (
          <Button kind="primary" busy={busy} onClick={pay}>
            {words.money.pay(money(invoice.amountDue))}
          </Button>
        )}
      </div>
    </div>
  );
}
