import { useState } from "preact/hooks";
import { ApplyQuoteDocument, type PaymentMethodFragment, type QuoteFragment } from "../../../generated/billing/graphql";
import { type Refusal, useKeyedChange } from "../../data/change";
import { useMay } from "../../data/session";
import { Button } from "../../parts/button";
import { Refusals } from "../../parts/form";
import { useSay } from "../../parts/toast";
import { useFormats, useWords } from "../../words";
import { why } from "../../words/codes";
import { Lines, Sums } from "../plans/lines";
import type { Subscription } from "../plans/plan";
import { CardForm } from "./add-card";
import { useScheduled } from "./ending";
import { useNextAction } from "./next-action";
import { PayWith, useCard } from "./pay-with";
import { RequestInvoice } from "./request-invoice";

interface Props {
  quote: QuoteFragment;
  /** The change that waits for the end of the period, when this takes its place. */
  replaces: Subscription["scheduledChange"];
  methods: PaymentMethodFragment[];
  onBack: () => void;
  onClose: () => void;
}

/** A price that binds, line by line; the button charges exactly it, or nothing. */
export function Checkout({ quote: first, replaces, methods, onBack, onClose }: Props) {
  const words = useWords();
  const { money, time } = useFormats();
  const scheduled = useScheduled();
  const say = useSay();
  const follow = useNextAction();
  const [quote, setQuote] = useState(first);
  const paying = useCard(methods);
  const [run, busy] = useKeyedChange(ApplyQuoteDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const [aside, setAside] = useState<"invoice" | "card" | null>(null);
  const may = useMay();
  const due = quote.dueNow.amount > 0;
  const apply = async () => {
    const done = await run({ quoteId: quote.id, paymentMethodId: (due && paying.card?.id) || null });
    const failure = done.payload?.payment?.failureCode;
    setRefusals(done.refusals.map((one) => explained(one, failure, words.payments.failures)));
    if (done.payload?.quote) setQuote(done.payload.quote);
    if (!done.payload || done.refusals.length) return;
    const { nextAction, payment } = done.payload;
    onClose();
    if (nextAction && payment) return void follow(nextAction, payment.id);
    say(payment?.status === "PROCESSING" ? words.money.processing : words.money.done);
  };
  const back = () => setAside(null);
  const added = (card: string) => {
    paying.choose(card);
    back();
  };
  if (aside === "invoice") return <RequestInvoice subject={{ quoteId: quote.id }} onBack={back} onClose={onClose} />;
  if (aside === "card") return <CardForm lead={words.money.keeps(time(quote.expiresAt))} onDone={added} onCancel={back} />;
  return (
    <>
      <Terms quote={quote} />
      {replaces && <p class="notice">{words.money.replaces(scheduled(replaces))}</p>}
      {quote.lines.length > 0 && <Lines lines={quote.lines} />}
      <Sums sums={sums(quote, words.money)} />
      <Next quote={quote} />
      {due && <PayWith {...paying} onAdd={() => setAside("card")} />}
      <Refusals refusals={refusals} />
      <div class="actions end">
        <Button onClick={onBack}>{words.back}</Button>
        {due && may("REQUEST_INVOICES") && (
          <Button onClick={() => setAside("invoice")}>{words.requests.title}</Button>
        )}
        {(!due || paying.card) && (
          <Button kind="primary" busy={busy} onClick={apply}>
            {due ? words.money.pay(money(quote.dueNow)) : words.money.confirm}
          </Button>
        )}
      </div>
    </>
  );
}

/** A declined card has its reason in the payment. */
export function explained(refusal: Refusal, failure: string | null | undefined, reasons: Record<string, string>): Refusal {
  return failure ? { ...refusal, reason: why(failure, reasons) } : refusal;
}

function Terms({ quote }: { quote: QuoteFragment }) {
  const words = useWords();
  const { utcDay, time } = useFormats();
  const soon = new Date(quote.effectiveAt).getTime() > Date.now() + 60_000;
  return (
    <div class="stack tight">
      <p>
        <span class="strong">{quote.plan.name}</span>, {words.plans.interval[quote.interval].toLowerCase()},{" "}
        {words.money.seats(quote.seats)}{quote.mode === "FIXED" && `, ${words.money.inAdvance}`} · {soon ? words.money.from(utcDay(quote.effectiveAt)) : words.money.now}
      </p>
      <p class="muted small">{words.money.binds(time(quote.expiresAt))}</p>
    </div>
  );
}

type Said = ReturnType<typeof useWords>["money"];

function sums(quote: QuoteFragment, said: Said): [string, QuoteFragment["tax"]][] {
  const credit = { ...quote.creditApplied, amount: -quote.creditApplied.amount };
  const all: [string, QuoteFragment["tax"]][] = [
    [said.subtotal, quote.subtotal],
    [said.tax, quote.tax],
    [said.creditApplied, credit],
    [said.creditGranted, quote.creditGranted],
    [said.carried, quote.carried],
  ];
  return [...all.filter(([, { amount }], index) => index < 2 || amount !== 0), [said.dueNow, quote.dueNow]];
}

function Next({ quote }: { quote: QuoteFragment }) {
  const words = useWords();
  const { money, utcDay } = useFormats();
  if (!quote.nextCharge || !quote.nextChargeAt) return null;
  return <p class="muted small">{words.money.next(money(quote.nextCharge), utcDay(quote.nextChargeAt))}</p>;
}
