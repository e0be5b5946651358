import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { type PayloadOf, type Refusal, type Unkeyed, type InputOf, useKeyedChange } from "../data/change";
import { Confirm, Dialog } from "./dialog";
import { Form, useRefusal } from "./form";
import { useSay } from "./toast";

interface Change<Data, Variables extends AnyVariables> {
  document: TypedDocumentNode<Data, Variables>;
  title: string;
  /** What the button says. */
  action: string;
  /** What is said when it was done. */
  said?: string | undefined;
  /** In place of closing. */
  onDone?: (payload: PayloadOf<Data>) => void;
  onClose: () => void;
}

function useAsked<Data, Variables extends AnyVariables>(change: Change<Data, Variables>) {
  const say = useSay();
  const [run, busy] = useKeyedChange(change.document);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const send = async (input: Unkeyed<InputOf<Variables>>) => {
    const done = await run(input);
    setRefusals(done.refusals);
    if (!done.payload || done.refusals.length) return;
    if (change.said) say(change.said);
    if (change.onDone) change.onDone(done.payload);
    else change.onClose();
  };
  return { send, busy, refusals };
}

/** A mutation that needs no question; what became of it is said. */
export function useAtOnce<Data, Variables extends AnyVariables>(document: TypedDocumentNode<Data, Variables>) {
  const say = useSay();
  const refusal = useRefusal();
  const [run, busy] = useKeyedChange(document);
  const send = async (input: Unkeyed<InputOf<Variables>>, said: string) => {
    const done = await run(input);
    const [refused] = done.refusals;
    if (refused || done.payload) say(refused ? refusal(refused) : said);
  };
  return [send, busy] as const;
}

interface AskProps<Data, Variables extends AnyVariables> extends Change<Data, Variables> {
  input: (values: Record<string, string>) => Unkeyed<InputOf<Variables>>;
  children: ComponentChildren;
}

/** A mutation behind a form in a dialog. */
export function Ask<Data, Variables extends AnyVariables>({ input, children, ...change }: AskProps<Data, Variables>) {
  const { send, busy, refusals } = useAsked(change);
  return (
    <Dialog title={change.title} onClose={change.onClose}>
      <Form
        submit={change.action}
        busy={busy}
        refusals={refusals}
        onSubmit={(values) => void send(input(values))}
        onCancel={change.onClose}
      >
        {children}
      </Form>
    </Dialog>
  );
}

interface SureProps<Data, Variables extends AnyVariables> extends Change<Data, Variables> {
  more: string;
  /** Nothing is lost by it. */
  calm?: boolean;
  /** What the button says that changes nothing, where "Cancel" would be taken for the other one. */
  dismiss?: string | undefined;
  input: Unkeyed<InputOf<Variables>>;
}

/** A mutation that ends something, behind a question. */
export function Sure<Data, Variables extends AnyVariables>({ more, calm = false, dismiss, input, ...change }: SureProps<Data, Variables>) {
  const { send, busy, refusals } = useAsked(change);
  return (
    <Confirm
      title={change.title}
      more={more}
      calm={calm}
      dismiss={dismiss}
      action={change.action}
      busy={busy}
      refusals={refusals}
      onConfirm={() => void send(input)}
      onClose={change.onClose}
    />
  );
}
