import { useState } from "preact/hooks";
import {
  type BillingInterval,
  type BillingMode,
  type PaymentMethodFragment,
  type QuoteFragment,
  QuoteSubscriptionChangeDocument,
} from "../../../generated/billing/graphql";
import { type Refusal, useChange } from "../../data/change";
import { useOrganization } from "../../data/session";
import { Dialog } from "../../parts/dialog";
import { Field, Form } from "../../parts/form";
import { useWords } from "../../words";
import type { Subscription } from "../plans/plan";
import { Checkout } from "./checkout";
import { PlanChoice } from "./plan-choice";

export type Wish = "plan" | "seats" | "renew";

interface Props {
  wish: Wish;
  subscription: Subscription;
  methods: PaymentMethodFragment[];
  onClose: () => void;
}

/** Upgrade, expand, renew and change: what shall be, then what it costs, and only then a charge. */
export function ChangePlan({ wish, subscription, methods, onClose }: Props) {
  const words = useWords();
  const [quote, setQuote] = useState<QuoteFragment | null>(null);
  return (
    <Dialog title={wish === "seats" ? words.money.buy : words.money[wish]} wide onClose={onClose}>
      {quote && (
        <Checkout
          quote={quote}
          replaces={wish === "renew" ? null : subscription.scheduledChange}
          methods={methods}
          onBack={() => setQuote(null)}
          onClose={onClose}
        />
      )}
      <div hidden={!!quote}>
        <Wanted wish={wish} subscription={subscription} onQuote={setQuote} onClose={onClose} />
      </div>
    </Dialog>
  );
}

interface WantedProps {
  wish: Wish;
  subscription: Subscription;
  onQuote: (quote: QuoteFragment) => void;
  onClose: () => void;
}

function Wanted({ wish, subscription, onQuote, onClose }: WantedProps) {
  const words = useWords();
  const { id } = useOrganization();
  const [run, busy] = useChange(QuoteSubscriptionChangeDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const ask = async (values: Record<string, string>) => {
    const done = await run({ organizationId: id, ...(wish === "renew" ? { renew: true } : changes(subscription, values)) });
    setRefusals(done.refusals);
    if (done.payload?.quote) onQuote(done.payload.quote);
  };
  return (
    <Form submit={words.money.ask} busy={busy} refusals={refusals} onSubmit={ask} onCancel={onClose}>
      <p class="muted">{words.money.lead[wish]}</p>
      {wish === "plan" && <PlanChoice subscription={subscription} />}
      {wish === "seats" && (
        <SeatCount subscription={subscription} first={subscription.seats.purchased + 1} />
      )}
    </Form>
  );
}

interface SeatCountProps {
  subscription: Subscription;
  first: number;
}

/** How many seats there shall be, beside how many are taken. */
export function SeatCount({ subscription: { seats }, first }: SeatCountProps) {
  const words = useWords();
  return (
    <Field
      name="seats"
      label={words.plans.seats}
      type="number"
      inputMode="numeric"
      min={1}
      required
      defaultValue={first}
      hint={words.plans.seatsUsed(String(seats.used), String(seats.purchased))}
    />
  );
}

/** What is asked for: the seats that are shown, and else only what shall be another. */
function changes(now: Subscription, { seats, plan, interval, mode, trial }: Record<string, string>) {
  return {
    ...(seats ? { seats: Number(seats) } : {}),
    ...(plan && plan !== now.plan.id ? { planId: plan } : {}),
    ...(interval && interval !== now.price.interval ? { interval: interval as BillingInterval } : {}),
    ...(mode && mode !== now.mode ? { mode: mode as BillingMode } : {}),
    ...(trial === "on" ? { trial: true } : {}),
  };
}
