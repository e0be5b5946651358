import { Card } from "../../parts/card";
import { useFormats, useWords } from "../../words";
import type { Subscription } from "./plan";

/** What the next renewal will charge as things stand, and how it comes about. */
export function NextCharge({ subscription }: { subscription: Subscription | null }) {
  const words = useWords();
  const { money, utcDay } = useFormats();
  const next = subscription?.nextCharge;
  if (!next) return null;
  const credit = { ...next.creditApplied, amount: -next.creditApplied.amount };
  const facts = [
    ...next.lines.map((line) => [line.description, line.amount] as const),
    [words.money.tax, next.tax] as const,
    ...(credit.amount ? [[words.money.creditApplied, credit] as const] : []),
  ];
  return (
    <Card title={words.money.nextCharge}>
      <div>
        <div class="figure">{money(next.total)}</div>
        <div class="muted">{utcDay(next.at)}</div>
      </div>
      <dl class="facts small">
        {facts.map(([name, amount], index) => (
          <>
            <dt key={index}>{name}</dt>
            <dd>{money(amount)}</dd>
          </>
        ))}
      </dl>
    </Card>
  );
}
