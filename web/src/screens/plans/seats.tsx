import type { ComponentChildren } from "preact";
import { Card } from "../../parts/card";
import { Meter } from "../../parts/meter";
import { useFormats, useWords } from "../../words";
import type { Subscription } from "./plan";

/** How many people the plan has room for: a number, and nothing about who they are. */
export function Seats({ subscription, actions }: { subscription: Subscription | null; actions?: ComponentChildren }) {
  const words = useWords();
  const { number } = useFormats();
  if (!subscription) return null;
  const { used, purchased, available } = subscription.seats;
  return (
    <Card title={words.plans.seats}>
      <div class="figure">
        {number(used)} <small>/ {number(purchased)}</small>
      </div>
      <Meter used={used} limit={purchased} />
      <div class="split muted">
        <span>{words.plans.seatsUsed(number(used), number(purchased))}</span>
        <span>{words.plans.available(available)}</span>
      </div>
      {actions && <div class="actions">{actions}</div>}
    </Card>
  );
}
