import { useState } from "preact/hooks";
import {
  type PaymentMethodFragment,
  RemovePaymentMethodDocument,
  UpdatePaymentMethodDocument,
} from "../../../generated/billing/graphql";
import { type Refusal, useKeyedChange } from "../../data/change";
import { Ask, useAtOnce } from "../../parts/ask";
import { Button } from "../../parts/button";
import { Confirm } from "../../parts/dialog";
import { Field } from "../../parts/form";
import { useSay } from "../../parts/toast";
import { useWords } from "../../words";
import { methodName } from "../plans/methods";

/** What may be done with a payment method. */
export function CardActions({ method }: { method: PaymentMethodFragment }) {
  const words = useWords();
  const [asked, setAsked] = useState<"update" | "remove" | null>(null);
  const [update, busy] = useAtOnce(UpdatePaymentMethodDocument);
  const name = methodName(method, words);
  const makeDefault = () =>
    update({ paymentMethodId: method.id, makeDefault: true, refresh: false }, words.methods.isDefaultNow(name));
  return (
    <span class="actions">
      {!method.isDefault && !method.expired && (
        <Button kind="quiet" busy={busy} aria-label={words.methods.makeDefaultOf(name)} onClick={makeDefault}>
          {words.methods.setDefault}
        </Button>
      )}
      {method.kind === "CARD" && (
        <Button kind="quiet" aria-label={words.methods.updateOf(name)} onClick={() => setAsked("update")}>
          {words.methods.update}
        </Button>
      )}
      <Button kind="quiet danger" aria-label={words.methods.removeOf(name)} onClick={() => setAsked("remove")}>
        {words.methods.remove}
      </Button>
      {asked === "update" && <Update method={method} name={name} onClose={() => setAsked(null)} />}
      {asked === "remove" && <Remove method={method} name={name} onClose={() => setAsked(null)} />}
    </span>
  );
}

interface Props {
  method: PaymentMethodFragment;
  name: string;
  onClose: () => void;
}

function Update({ method, name, onClose }: Props) {
  const words = useWords();
  return (
    <Ask
      document={UpdatePaymentMethodDocument}
      title={words.methods.updateOf(name)}
      action={words.methods.update}
      said={words.methods.updated(name)}
      input={({ billingName = "", refresh }) => ({
        paymentMethodId: method.id,
        makeDefault: false,
        billingName: billingName.trim() || null,
        refresh: refresh === "on",
      })}
      onClose={onClose}
    >
      <Field name="billingName" label={`${words.methods.holder} (${words.optional})`} maxLength={100} autocomplete="cc-name" />
      <label class="check">
        <input type="checkbox" name="refresh" defaultChecked />
        {words.methods.refresh}
      </label>
    </Ask>
  );
}

/** If the renewal needs the card, asks once more whether it shall be turned off. */
function Remove({ method, name, onClose }: Props) {
  const words = useWords();
  const say = useSay();
  const [run, busy] = useKeyedChange(RemovePaymentMethodDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const needed = refusals.some(({ code }) => code === "PAYMENT_METHOD_NEEDED");
  const remove = async () => {
    const done = await run({ paymentMethodId: method.id, turnOffRenewal: needed });
    setRefusals(done.refusals);
    if (!done.payload?.removedPaymentMethodId) return;
    say(words.methods.removed(name));
    onClose();
  };
  return (
    <Confirm
      title={words.methods.removeTitle(name)}
      more={words.methods.removeMore}
      action={needed ? words.methods.removeAndEnd : words.methods.remove}
      busy={busy}
      refusals={refusals}
      onConfirm={remove}
      onClose={onClose}
    />
  );
}
