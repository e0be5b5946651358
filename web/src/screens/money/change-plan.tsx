import { useQuery } from "@urql/preact";
import { useState } from "preact/hooks";
import {
  type BillingInterval,
  CatalogueDocument,
  type PaymentMethodFragment,
  type PlanFragment,
  type QuoteFragment,
  QuoteSubscriptionChangeDocument,
} from "../../../generated/billing/graphql";
import { type Refusal, useChange } from "../../data/change";
import { useOrganization } from "../../data/session";
import { Dialog } from "../../parts/dialog";
import { Field, Form } from "../../parts/form";
import { Skeleton } from "../../parts/states";
import { useFormats, useWords } from "../../words";
import type { Subscription } from "../plans/plan";
import { Checkout } from "./checkout";

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
      {quote ? (
        <Checkout quote={quote} methods={methods} onBack={() => setQuote(null)} onClose={onClose} />
      ) : (
        <Wanted wish={wish} subscription={subscription} onQuote={setQuote} onClose={onClose} />
      )}
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
    const done = await run({ organizationId: id, ...changes(wish, subscription, values) });
    setRefusals(done.refusals);
    if (done.payload?.quote) onQuote(done.payload.quote);
  };
  return (
    <Form submit={words.money.ask} busy={busy} refusals={refusals} onSubmit={ask} onCancel={onClose}>
      <p class="muted">{words.money.lead[wish]}</p>
      {wish === "plan" && <Plans subscription={subscription} />}
      {wish !== "renew" && (
        <Field
          name="seats"
          label={words.plans.seats}
          type="number"
          inputMode="numeric"
          min={1}
          required
          defaultValue={subscription.seats.purchased + (wish === "seats" ? 1 : 0)}
          hint={words.plans.seatsUsed(String(subscription.seats.used), String(subscription.seats.purchased))}
        />
      )}
    </Form>
  );
}

/** What is asked for: only what shall be another. */
function changes(wish: Wish, now: Subscription, values: Record<string, string>) {
  if (wish === "renew") return { renew: true };
  const seats = Number(values["seats"]);
  const interval = values["interval"] as BillingInterval | undefined;
  return {
    ...(seats !== now.seats.purchased ? { seats } : {}),
    ...(values["plan"] && values["plan"] !== now.plan.id ? { planId: values["plan"] } : {}),
    ...(interval && interval !== now.price.interval ? { interval } : {}),
    ...(values["trial"] === "on" ? { trial: true } : {}),
  };
}

function Plans({ subscription }: { subscription: Subscription }) {
  const words = useWords();
  const { currency } = subscription.price.unitAmount;
  const [{ data }] = useQuery({ query: CatalogueDocument, variables: { currency } });
  const [interval, setInterval] = useState<BillingInterval>(subscription.price.interval);
  if (!data) return <Skeleton />;
  return (
    <>
      <fieldset class="fieldset">
        <legend>{words.money.interval}</legend>
        <div class="actions">
          {(["MONTH", "YEAR"] as const).map((one) => (
            <label class="choice compact" key={one}>
              <input
                type="radio"
                name="interval"
                value={one}
                checked={one === interval}
                onChange={() => setInterval(one)}
              />
              {words.plans.interval[one]}
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset class="fieldset">
        <legend>{words.plans.plan}</legend>
        {data.plans.map((plan) => (
          <PlanChoice plan={plan} interval={interval} chosen={plan.id === subscription.plan.id} key={plan.id} />
        ))}
      </fieldset>
      {!subscription.trialStart && subscription.price.unitAmount.amount === 0 && (
        <label class="check">
          <input type="checkbox" name="trial" />
          {words.money.trial}
        </label>
      )}
    </>
  );
}

interface PlanChoiceProps {
  plan: PlanFragment;
  interval: BillingInterval;
  chosen: boolean;
}

function PlanChoice({ plan, interval, chosen }: PlanChoiceProps) {
  const words = useWords();
  const { money } = useFormats();
  const price = plan.prices.find((one) => one.interval === interval);
  return (
    <label class="choice">
      <input type="radio" name="plan" value={plan.id} defaultChecked={chosen} />
      <span class="grow">
        <span class="strong">{plan.name}</span>
        {chosen && <span class="muted"> · {words.money.current}</span>}
        <span class="muted small block">{plan.description}</span>
      </span>
      <span class="price">
        {price ? money(price.unitAmount) : words.money.free}
        {price && <span class="block small">{words.plans.perSeat[interval]}</span>}
      </span>
    </label>
  );
}
