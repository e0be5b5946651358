import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { useClient } from "@urql/preact";
import { useRef, useState } from "preact/hooks";
import { useLive } from "./live";
import { isRefused } from "./refused";
import { useSession } from "./session";

export interface Refusal {
  code: string;
  message: string;
  path?: string[] | null;
  /** Why, where there is more to say than the code does. */
  reason?: string;
}

interface Payload {
  errors: Refusal[];
}

export type PayloadOf<Data> = NonNullable<Exclude<Data[keyof Data], string | undefined>>;
export type InputOf<Variables> = Variables extends { input: infer Input } ? Input : undefined;

/** How a change went: `payload` if it was done, `refusals` if not, neither if nobody knows. */
export interface Outcome<Done> {
  payload?: Done;
  refusals: Refusal[];
}

export const unknown: Refusal = { code: "UNREACHABLE", message: "The server could not be reached." };
const forbidden: Refusal = { code: "FORBIDDEN", message: "You may not do this." };

/** Carries out a mutation; `busy` as long as it takes, and a second call meanwhile does nothing. */
export function useChange<Data, Variables extends AnyVariables>(document: TypedDocumentNode<Data, Variables>) {
  const client = useClient();
  const { touch } = useLive();
  const { refresh } = useSession();
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const run = async (input: InputOf<Variables>): Promise<Outcome<PayloadOf<Data>>> => {
    if (running.current) return { refusals: [] };
    running.current = true;
    setBusy(true);
    try {
      const { data, error } = await client.mutation(document, { input } as never).toPromise();
      const payload = data && (Object.values(data).find((one) => one && typeof one === "object") as Payload | undefined);
      if (payload && !payload.errors.length) touch();
      if (!payload && isRefused(error)) {
        await refresh(); // whoever is signed out is asked to sign in
        return { refusals: [forbidden] };
      }
      return outcome(payload, error?.graphQLErrors[0]) as Outcome<PayloadOf<Data>>;
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return [run, busy] as const;
}

function outcome(payload: Payload | undefined, error?: { message: string; extensions: Record<string, unknown> }) {
  if (payload) return { payload, refusals: payload.errors };
  const code = String(error?.extensions["code"] ?? unknown.code);
  return { refusals: [{ code, message: error?.message ?? unknown.message }] };
}

export type Unkeyed<Input> = Omit<NonNullable<Input>, "idempotencyKey">;

/** As useChange, with an idempotency key per intention: sending the same again after a lost answer does it once. */
export function useKeyedChange<Data, Variables extends AnyVariables>(document: TypedDocumentNode<Data, Variables>) {
  const [run, busy] = useChange(document);
  const intention = useRef({ body: "", key: "" });
  const keyed = async (input: Unkeyed<InputOf<Variables>>) => {
    const body = JSON.stringify(input);
    if (intention.current.body !== body) intention.current = { body, key: newKey() };
    const idempotencyKey = intention.current.key;
    const outcome = await run({ ...input, idempotencyKey } as InputOf<Variables>);
    if (outcome.payload) intention.current = { body: "", key: "" }; // answered: the next click is a new intention
    return outcome;
  };
  return [keyed, busy] as const;
}

function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
