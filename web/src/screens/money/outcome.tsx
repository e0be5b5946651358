import { useEffect } from "preact/hooks";
import { OutcomeDocument } from "../../../generated/billing/graphql";
import { useAnswer } from "../../data/answer";
import { Button } from "../../parts/button";
import { navigate, useSearch } from "../../router";
import { useFormats, useWords } from "../../words";
import { why } from "../../words/codes";
import { useNextAction } from "./next-action";

const pause = 1500; // milliseconds; live changes mostly come before

/** What became of a payment that its payer had to confirm; asked again until it is decided. */
export function Outcome() {
  const id = new URLSearchParams(useSearch()).get("payment");
  return id ? <Shown id={id} key={id} /> : null;
}

function Shown({ id }: { id: string }) {
  const words = useWords();
  const { money } = useFormats();
  const follow = useNextAction();
  const { data, again } = useAnswer(OutcomeDocument, { id });
  const payment = data?.node && "status" in data.node ? data.node : null;
  const waiting = payment?.status === "PROCESSING" || payment?.status === "REQUIRES_ACTION";
  useEffect(() => {
    if (!waiting) return;
    const timer = setInterval(again, pause);
    return () => clearInterval(timer);
  });
  if (!payment) return null;
  const close = () => navigate(location.pathname, { replace: true });
  const { status, failureCode, nextAction } = payment;
  const reason = failureCode && why(failureCode, words.payments.failures);
  const tone = status === "FAILED" ? "bad" : waiting ? "warn" : "good";
  return (
    <div class={`notice ${tone}`} role="status">
      <span>
        <span class="strong">{words.money.outcome[status]}</span> {money(payment.amount)}
        {reason && `: ${reason}`}
      </span>
      <span class="actions">
        {status === "REQUIRES_ACTION" && nextAction && (
          <Button kind="primary" onClick={() => void follow(nextAction, id)}>
            {words.money.confirmNow}
          </Button>
        )}
        {!waiting && (
          <Button kind="quiet" onClick={close}>
            {words.close}
          </Button>
        )}
      </span>
    </div>
  );
}
