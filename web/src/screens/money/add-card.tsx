import { useEffect, useRef, useState } from "preact/hooks";
import { AddPaymentMethodDocument, GatewayDocument } from "../../../generated/billing/graphql";
import { useAnswer } from "../../data/answer";
import { type Refusal, unknown, useKeyedChange } from "../../data/change";
import { useOrganization } from "../../data/session";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Form, Labelled } from "../../parts/form";
import { Failure, Skeleton } from "../../parts/states";
import { useSay } from "../../parts/toast";
import { useWords } from "../../words";

/** What became of a card; what was wrong with it is said for people. */
interface Made {
  token?: string | undefined;
  wrong?: string | undefined;
}

type Tokens = () => Promise<Made>;

export function AddCard({ onClose }: { onClose: () => void }) {
  const words = useWords();
  return (
    <Dialog title={words.methods.add} onClose={onClose}>
      <CardForm onDone={() => onClose()} onCancel={onClose} />
    </Dialog>
  );
}

interface CardFormProps {
  lead?: string;
  /** With the id of the card. */
  onDone: (card: string) => void;
  onCancel: () => void;
}

/** Adds a card. Its number goes to the gateway and never to this server. */
export function CardForm({ lead, onDone, onCancel }: CardFormProps) {
  const words = useWords();
  const say = useSay();
  const { id } = useOrganization();
  const { data, error, again } = useAnswer(GatewayDocument, {});
  const [run, busy] = useKeyedChange(AddPaymentMethodDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const tokens = useRef<Tokens | null>(null);
  const [making, setMaking] = useState(false);
  const add = async (values: Record<string, string>) => {
    setMaking(true);
    const { token, wrong }: Made = tokens.current
      ? await tokens.current().catch(() => ({}))
      : { token: values["card"] };
    setMaking(false);
    if (!token) return setRefusals([wrong ? { code: "CARD", message: wrong } : unknown]);
    const makeDefault = values["makeDefault"] === "on";
    const done = await run({ organizationId: id, gatewayToken: token, makeDefault });
    setRefusals(done.refusals);
    if (!done.payload || done.refusals.length) return;
    const { nextAction, paymentMethod } = done.payload;
    const key = data?.gateway.publishableKey;
    const asked = nextAction?.clientSecret && key ? { key, secret: nextAction.clientSecret } : null;
    const good = !asked || (await (await import("./stripe")).confirmed(asked.key, asked.secret).catch(() => false));
    say(good ? words.methods.added : words.methods.unconfirmed);
    onDone(paymentMethod?.id ?? "");
  };
  const { kind, publishableKey } = data?.gateway ?? {};
  return (
    <>
      {lead && <p class="muted">{lead}</p>}
      {!kind && (error ? <Failure error={error} again={again} /> : <Skeleton />)}
      {kind === "TRANSFER" && <p>{words.methods.transferOnly}</p>}
      {(kind === "SANDBOX" || kind === "STRIPE") && (
        <Form submit={words.methods.add} busy={busy || making} refusals={refusals} onSubmit={add} onCancel={onCancel}>
          {kind === "SANDBOX" && <TestCards />}
          {kind === "STRIPE" && publishableKey && <StripeCard publishableKey={publishableKey} tokens={tokens} />}
          <label class="check">
            <input type="checkbox" name="makeDefault" defaultChecked />
            {words.methods.makeDefault}
          </label>
        </Form>
      )}
    </>
  );
}

const cards = [
  "tok_visa",
  "tok_mastercard",
  "tok_amex",
  "tok_3ds",
  "tok_declined",
  "tok_insufficient_funds",
  "tok_decline_later",
  "tok_processing",
  "tok_expired",
] as const;

/** The cards of the sandbox: no number is typed, since there is none. */
function TestCards() {
  const words = useWords();
  return (
    <Labelled label={words.methods.testCard} hint={words.methods.testCardHint}>
      {(ids) => (
        <select class="input" name="card" {...ids}>
          {cards.map((card) => (
            <option value={card} key={card}>
              {words.methods.testCards[card]}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

function StripeCard({ publishableKey, tokens }: { publishableKey: string; tokens: { current: Tokens | null } }) {
  const words = useWords();
  const place = useRef<HTMLDivElement>(null);
  const [attempt, setAttempt] = useState(1);
  const [failed, setFailed] = useState(0);
  useEffect(() => {
    let remove: (() => void) | null = null;
    let gone = false;
    const mount = async () => {
      const { cardField } = await import("./stripe");
      const field = await cardField(publishableKey, () => (gone ? null : place.current));
      if (!field) return;
      tokens.current = field.token;
      remove = field.remove;
    };
    mount().catch(() => !gone && setFailed(attempt));
    return () => {
      gone = true;
      tokens.current = null;
      remove?.();
    };
  }, [publishableKey, tokens, attempt]);
  return (
    <div class="field">
      <span class="strong">{words.methods.CARD}</span>
      <div class="input" ref={place} hidden={failed === attempt} />
      {failed === attempt && (
        <div class="notice bad" role="alert">
          <span>{words.methods.fieldFailed}</span>
          <Button onClick={() => setAttempt(attempt + 1)}>{words.retry}</Button>
        </div>
      )}
    </div>
  );
}
