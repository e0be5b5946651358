import { useState } from "preact/hooks";
import {
  type BillingInterval,
  type BillingMode,
  CatalogueDocument,
  type PlanFragment,
} from "../../../generated/billing/graphql";
import { useAnswer } from "../../data/answer";
import { Failure, Skeleton } from "../../parts/states";
import { useFormats, useWords } from "../../words";
import type { Subscription } from "../plans/plan";
import { SeatCount } from "./change-plan";

const intervals = ["MONTH", "YEAR"] as const;
const modes = ["FLEXIBLE", "FIXED"] as const;

/** The plan, and how it is bought: what does not go together cannot be chosen together. */
export function PlanChoice({ subscription }: { subscription: Subscription }) {
  const { currency } = subscription.price.unitAmount;
  const { data, error, again } = useAnswer(CatalogueDocument, { currency });
  if (data) return <Choice plans={data.plans} subscription={subscription} />;
  return error ? <Failure error={error} again={again} /> : <Skeleton />;
}

function Choice({ plans, subscription }: { plans: PlanFragment[]; subscription: Subscription }) {
  const words = useWords();
  const [id, setId] = useState(subscription.plan.id);
  const [interval, setInterval] = useState<BillingInterval>(subscription.price.interval);
  const [mode, setMode] = useState<BillingMode>(subscription.mode);
  const chosen = plans.find((one) => one.id === id);
  const paid = !!chosen && !isFree(chosen);
  const every = (one: BillingInterval) => {
    setInterval(one);
    if (one === "MONTH") setMode("FLEXIBLE"); // seats in advance are for a year
  };
  const by = (one: BillingMode) => {
    setMode(one);
    if (one === "FIXED") setInterval("YEAR");
  };
  return (
    <>
      <fieldset class="fieldset">
        <legend>{words.money.interval}</legend>
        <div class="actions">
          {intervals.map((one) => (
            <label class="choice compact" key={one}>
              <input type="radio" name="interval" value={one} checked={one === interval} onChange={() => every(one)} />
              {words.plans.interval[one]}
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset class="fieldset">
        <legend>{words.plans.plan}</legend>
        {plans.map((plan) => (
          <OnePlan
            plan={plan}
            interval={interval}
            current={plan.id === subscription.plan.id}
            chosen={plan.id === id}
            onChoose={() => setId(plan.id)}
            key={plan.id}
          />
        ))}
      </fieldset>
      {paid && (
        <>
          <fieldset class="fieldset">
            <legend>{words.money.mode}</legend>
            <div class="columns choices">
              {modes.map((one) => (
                <label class="choice" key={one}>
                  <input type="radio" name="mode" value={one} checked={one === mode} onChange={() => by(one)} />
                  <span class="grow">
                    <span class="strong">{words.money.modes[one]}</span>
                    <span class="muted small block">{words.money.modesMore[one]}</span>
                  </span>
                </label>
              ))}
            </div>
          </fieldset>
          <SeatCount subscription={subscription} first={seatsFor(subscription)} />
          {mayTry(subscription) && (
            <label class="check top">
              <input type="checkbox" name="trial" />
              <span>
                {words.money.trial}
                <span class="muted small block">{words.money.trialMore}</span>
              </span>
            </label>
          )}
        </>
      )}
    </>
  );
}

interface OnePlanProps {
  plan: PlanFragment;
  interval: BillingInterval;
  current: boolean;
  chosen: boolean;
  onChoose: () => void;
}

function OnePlan({ plan, interval, current, chosen, onChoose }: OnePlanProps) {
  const words = useWords();
  const { money } = useFormats();
  const price = plan.prices.find((one) => one.interval === interval);
  const free = isFree(plan);
  return (
    <label class="choice">
      <input type="radio" name="plan" value={plan.id} checked={chosen} disabled={!free && !price} onChange={onChoose} />
      <span class="grow">
        <span class="strong">{plan.name}</span>
        {current && <span class="muted"> · {words.money.current}</span>}
        <span class="muted small block">{plan.description}</span>
      </span>
      <span class="price">
        {free ? words.money.free : price ? money(price.unitAmount) : words.money.notSold[interval]}
        {!free && price && <span class="block small">{words.plans.perSeat[interval]}</span>}
      </span>
    </label>
  );
}

function isFree({ prices }: PlanFragment): boolean {
  return prices.every(({ unitAmount }) => unitAmount.amount === 0);
}

/** Whether anything was paid for what runs; a trial is not, nor what has ended. */
function isPaid({ status, price }: Subscription): boolean {
  return price.unitAmount.amount > 0 && status !== "TRIALING" && status !== "CANCELED";
}

function mayTry(subscription: Subscription): boolean {
  return !subscription.trialStart && !isPaid(subscription);
}

/** As many as there are; of a plan that cost nothing, as many as are taken. */
function seatsFor({ seats, price }: Subscription): number {
  return price.unitAmount.amount > 0 ? seats.purchased : Math.max(seats.purchased - seats.available, 1);
}
