import { useState } from "preact/hooks";
import { type PaymentFragment, PaymentsDocument, type PaymentsQuery } from "../../../generated/billing/graphql";
import { usePages } from "../../data/pages";
import { useMay, useOrganization } from "../../data/session";
import { Badge, type Tone } from "../../parts/badge";
import { Button } from "../../parts/button";
import { List } from "../../parts/list";
import { useActor } from "../../parts/people";
import { Empty } from "../../parts/states";
import { useFormats, useWords } from "../../words";
import { why } from "../../words/codes";
import { useNextAction } from "../money/next-action";
import { RequestForPayment } from "../money/request-invoice";
import { methodName } from "./methods";

const tones: Record<PaymentFragment["status"], Tone> = {
  PROCESSING: "accent",
  REQUIRES_ACTION: "warn",
  SUCCEEDED: "good",
  FAILED: "bad",
  REFUNDED: "plain",
};

const pick = (data: PaymentsQuery) => data.organization?.payments;

/** What was paid, newest first. */
export function Payments() {
  const words = useWords();
  const { slug } = useOrganization();
  const list = usePages(PaymentsDocument, { slug }, pick);
  const columns = [
    { label: words.payments.date },
    { label: words.payments.invoice },
    { label: words.payments.method },
    { label: words.payments.by },
    { label: words.payments.statusLabel },
    { label: words.payments.amount, number: true },
  ];
  return (
    <List
      title={words.payments.title}
      columns={columns}
      list={list}
      empty={<Empty icon="card" title={words.payments.none} more={words.payments.noneMore} />}
      row={(payment) => <Row payment={payment} key={payment.id} />}
    />
  );
}

function Row({ payment }: { payment: PaymentFragment }) {
  const words = useWords();
  const { day, money } = useFormats();
  const actor = useActor();
  const may = useMay();
  const [requesting, setRequesting] = useState(false);
  const follow = useNextAction();
  const { status, failureCode, nextAction, refunded, paymentMethod, invoice } = payment;
  return (
    <tr>
      <td class="head nowrap">{day(payment.createdAt)}</td>
      <td data-label={words.payments.invoice}>
        {invoice?.number}
        {!invoice && status === "SUCCEEDED" && may("REQUEST_INVOICES") && (
          <Button kind="quiet" class="link" onClick={() => setRequesting(true)}>
            {words.requests.title}
          </Button>
        )}
        {requesting && <RequestForPayment paymentId={payment.id} onClose={() => setRequesting(false)} />}
      </td>
      <td data-label={words.payments.method}>{paymentMethod && methodName(paymentMethod, words)}</td>
      <td data-label={words.payments.by}>{actor(payment.madeBy)}</td>
      <td data-label={words.payments.statusLabel}>
        <div class="actions">
          <Badge tone={tones[status]}>
            {words.payments.status[status]}
            {failureCode && `: ${why(failureCode, words.payments.failures)}`}
          </Badge>
          {nextAction && may("CHANGE_PLAN") && (
            <Button kind="quiet" class="link" onClick={() => void follow(nextAction, payment.id)}>
              {words.money.confirmNow}
            </Button>
          )}
        </div>
      </td>
      <td class="number" data-label={words.payments.amount}>
        <div>
          <div class="strong">{money(payment.amount)}</div>
          {refunded.amount > 0 && <div class="muted small">{words.payments.refunded(money(refunded))}</div>}
        </div>
      </td>
    </tr>
  );
}
