import type { ComponentChildren } from "preact";
import type { PlansPageQuery } from "../../../generated/billing/graphql";
import { Badge, type Tone } from "../../parts/badge";
import { Card } from "../../parts/card";
import { useFormats, useWords } from "../../words";

export type Subscription = NonNullable<NonNullable<PlansPageQuery["organization"]>["subscription"]>;

const tones: Record<Subscription["status"], Tone> = {
  TRIALING: "accent",
  ACTIVE: "good",
  PENDING_PAYMENT: "warn",
  PAST_DUE: "bad",
  SUSPENDED: "bad",
  CANCELED: "plain",
};

interface Props {
  subscription: Subscription | null;
  actions?: ComponentChildren;
  notices?: ComponentChildren;
}

/** What is paid for, until when, and what comes then. */
export function Plan({ subscription, actions, notices }: Props) {
  const words = useWords();
  const { money, utcDay, period, number } = useFormats();
  if (!subscription) return null;
  const { plan, price, status, mode, currentPeriodStart, currentPeriodEnd } = subscription;
  return (
    <Card title={words.plans.plan} actions={<Badge tone={tones[status]}>{words.plans.status[status]}</Badge>}>
      {notices}
      <div class="plan-name">
        <div>
          <div class="name">{plan.name}</div>
          <div class="muted">{plan.description}</div>
        </div>
        <div class="price">
          {money(price.unitAmount)} <span>{words.plans.perSeat[price.interval]}</span>
        </div>
      </div>
      <dl class="included">
        <div>
          <dt>{words.plans.period}</dt>
          <dd>{period(currentPeriodStart, currentPeriodEnd)}</dd>
        </div>
        {price.unitAmount.amount > 0 && (
          <>
            <div>
              <dt>{words.plans.billing}</dt>
              <dd>
                {words.plans.interval[price.interval]}, {words.plans.mode[mode]}
              </dd>
            </div>
            <div>
              <dt>{words.plans.renewal}</dt>
              <dd>{next(subscription, words, utcDay)}</dd>
            </div>
          </>
        )}
        {plan.features.map(({ key, name, limit }) => (
          <div key={key}>
            <dt>{name}</dt>
            <dd>{limit === null ? (words.plans.included[key] ?? words.plans.unlimited) : number(limit)}</dd>
          </div>
        ))}
      </dl>
      {actions && <div class="actions">{actions}</div>}
    </Card>
  );
}

/** The next period is paid already: the charge that comes is not the one at this period's end. */
export function paidAhead({ nextCharge, currentPeriodEnd }: Subscription): boolean {
  return !!nextCharge && new Date(nextCharge.at) > new Date(currentPeriodEnd);
}

function next(
  subscription: Subscription,
  words: ReturnType<typeof useWords>,
  day: (instant: string) => string,
): string {
  const { status, trialEnd, cancelAt, autoRenew, currentPeriodEnd, nextCharge } = subscription;
  if (nextCharge && paidAhead(subscription)) return words.plans.renewed(day(nextCharge.at));
  if (status === "TRIALING" && trialEnd) return words.plans.trialEnds(day(trialEnd));
  if (cancelAt) return words.plans.ends(day(cancelAt));
  return autoRenew ? words.plans.renews(day(currentPeriodEnd)) : words.plans.ends(day(currentPeriodEnd));
}
