import type { ComponentChildren } from "preact";
import type { PaymentMethodFragment } from "../../../generated/billing/graphql";
import { Badge } from "../../parts/badge";
import { Card } from "../../parts/card";
import { useActor } from "../../parts/people";
import { Empty } from "../../parts/states";
import { type Words, useFormats, useWords } from "../../words";
import type { Amount } from "../../words/formats";

interface Props {
  methods: PaymentMethodFragment[];
  credit: Amount | null;
  actions?: ComponentChildren;
  actionsOf?: (method: PaymentMethodFragment) => ComponentChildren;
}

/** What is paid with. */
export function PaymentMethods({ methods, credit, actions, actionsOf }: Props) {
  const words = useWords();
  const { money } = useFormats();
  return (
    <Card title={words.methods.title} actions={actions}>
      {credit && credit.amount > 0 && <div class="notice good">{words.plans.credit(money(credit))}</div>}
      {methods.length ? (
        <ul class="methods">
          {methods.map((one) => (
            <Method method={one} key={one.id}>
              {actionsOf?.(one)}
            </Method>
          ))}
        </ul>
      ) : (
        <Empty icon="card" title={words.methods.none} more={words.methods.noneMore} />
      )}
    </Card>
  );
}

/** Of brands that four letters do not tell. */
const marks: Record<string, string> = { mastercard: "MC", unionpay: "UP" };

function Method({ method, children }: { method: PaymentMethodFragment; children?: ComponentChildren }) {
  const words = useWords();
  const { day } = useFormats();
  const actor = useActor();
  return (
    <li class="method">
      <span class="brand-mark" aria-hidden="true">
        {marks[method.brand ?? "IBAN"] ?? (method.brand ?? "IBAN").slice(0, 4).toUpperCase()}
      </span>
      <div class="what">
        <div class="strong">{methodName(method, words)}</div>
        <div class="muted small">
          {method.expMonth && method.expYear && (
            <>{words.methods.expires(`${String(method.expMonth).padStart(2, "0")}/${method.expYear}`)} · </>
          )}
          {words.methods.addedBy(actor(method.addedBy), day(method.addedAt))}
        </div>
      </div>
      {method.isDefault && <Badge tone="accent">{words.methods.default}</Badge>}
      {method.expired && <Badge tone="bad">{words.methods.expired}</Badge>}
      {children}
    </li>
  );
}

export function methodName(
  { kind, brand, last4 }: Pick<PaymentMethodFragment, "kind" | "brand" | "last4">,
  words: Words,
): string {
  if (!last4) return words.methods[kind];
  const name = brand ? brand[0]!.toUpperCase() + brand.slice(1) : words.methods[kind];
  return words.methods.ending(name, last4);
}
