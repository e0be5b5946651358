import type { PaymentMethodFragment } from "../../../generated/billing/graphql";
import { Labelled } from "../../parts/form";
import { useWords } from "../../words";
import { methodName } from "../plans/methods";

interface Props {
  methods: PaymentMethodFragment[];
  chosen: string;
  onChange: (id: string) => void;
}

/** Which of the payment methods is charged. */
export function PayWith({ methods, chosen, onChange }: Props) {
  const words = useWords();
  const usable = methods.filter((one) => !one.expired && one.kind === "CARD");
  if (!usable.length) return <div class="notice warn">{words.money.noMethod}</div>;
  return (
    <Labelled label={words.payments.method}>
      {(ids) => (
        <select class="input" value={chosen} onChange={(event) => onChange(event.currentTarget.value)} {...ids}>
          {usable.map((one) => (
            <option value={one.id} key={one.id}>
              {methodName(one, words)}
              {one.isDefault ? ` (${words.methods.default})` : ""}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}
