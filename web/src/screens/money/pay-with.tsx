import { useState } from "preact/hooks";
import type { PaymentMethodFragment } from "../../../generated/billing/graphql";
import { useMay } from "../../data/session";
import { Button } from "../../parts/button";
import { Labelled } from "../../parts/form";
import { useWords } from "../../words";
import { methodName } from "../plans/methods";

/** The card that is charged: the one that was chosen, else the usual one. */
export function useCard(methods: PaymentMethodFragment[]) {
  const [chosen, choose] = useState("");
  const cards = methods.filter((one) => !one.expired && one.kind === "CARD");
  const card = cards.find((one) => one.id === chosen) ?? cards.find((one) => one.isDefault) ?? cards[0];
  return { cards, card, choose };
}

interface Props extends ReturnType<typeof useCard> {
  onAdd: () => void;
}

/** Which of the cards is charged, and a way to another one. */
export function PayWith({ cards, card, choose, onAdd }: Props) {
  const words = useWords();
  const add = useMay()("MANAGE_PAYMENT_METHODS") && <Button onClick={onAdd}>{words.methods.add}</Button>;
  if (!card) {
    return (
      <div class="notice warn">
        <span>{words.money.noMethod}</span>
        {add}
      </div>
    );
  }
  return (
    <Labelled label={words.payments.with}>
      {(ids) => (
        <div class="beside">
          <select class="input" value={card.id} onChange={(event) => choose(event.currentTarget.value)} {...ids}>
            {cards.map((one) => (
              <option value={one.id} key={one.id}>
                {methodName(one, words)}
                {one.isDefault ? ` (${words.methods.default})` : ""}
              </option>
            ))}
          </select>
          {add}
        </div>
      )}
    </Labelled>
  );
}
