import type { ComponentChildren } from "preact";
import { createContext } from "preact";
import { useContext, useEffect, useId, useRef } from "preact/hooks";
import type { Refusal } from "../data/change";
import { useWords } from "../words";
import { Button } from "./button";

/** What was refused, and the names of the fields that say so themselves. */
const Refused = createContext<{ refusals: Refusal[]; fields: Set<string> }>({ refusals: [], fields: new Set() });

interface FormProps {
  submit: string;
  busy: boolean;
  refusals: Refusal[];
  onSubmit: (values: Record<string, string>) => void;
  onCancel?: () => void;
  children: ComponentChildren;
}

/** Fields and a button; what was refused stands at the field to blame, or above the button. */
export function Form({ submit, busy, refusals, onSubmit, onCancel, children }: FormProps) {
  const words = useWords();
  const fields = useRef(new Set<string>()).current;
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement));
    if (!busy) onSubmit(values as Record<string, string>);
  };
  return (
    <form class="form" onSubmit={send}>
      <Refused.Provider value={{ refusals, fields }}>
        {children}
        <Others />
      </Refused.Provider>
      <div class={onCancel ? "actions end" : "actions"}>
        {onCancel && <Button onClick={onCancel}>{words.cancel}</Button>}
        <Button kind={onCancel ? "primary" : "wide primary"} type="submit" busy={busy}>
          {submit}
        </Button>
      </div>
    </form>
  );
}

/** What no field is to blame for, or none that is here; it stands behind them, so that they have their say first. */
function Others() {
  const { refusals, fields } = useContext(Refused);
  return <Refusals refusals={refusals.filter(({ path }) => !path?.some((one) => fields.has(one)))} />;
}

interface FieldProps {
  name: string;
  label: string;
  hint?: string | undefined;
  type?: "text" | "email" | "password" | "number" | "date";
  autocomplete?: string;
  inputMode?: "text" | "numeric";
  required?: boolean;
  minLength?: number;
  maxLength?: number;
  min?: number | string;
  max?: number | string;
  pattern?: string;
  placeholder?: string;
  value?: string | number;
  defaultValue?: string | number;
  onInput?: (event: InputEvent & { currentTarget: HTMLInputElement }) => void;
}

/** A labelled line of text. */
export function Field({ name, label, hint, ...rest }: FieldProps) {
  return (
    <Labelled name={name} label={label} hint={hint}>
      {(ids) => <input class="input" name={name} {...ids} {...(rest as object)} />}
    </Labelled>
  );
}

interface Ids {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": "true" | undefined;
}

interface LabelledProps {
  /** As the input of the mutation calls it: what is refused about that stands here. */
  name?: string;
  label: string;
  hint?: string | undefined;
  /** What is wrong with it before anybody asked the server. */
  wrong?: string | undefined;
  children: (ids: Ids) => ComponentChildren;
}

/** A label, what it labels, and what may be said about it. */
export function Labelled({ name = "", label, hint, wrong: typed, children }: LabelledProps) {
  const id = useId();
  const wrong = useWrong(name) ?? typed;
  const describedBy = [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(" ") || undefined;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, "aria-describedby": describedBy, "aria-invalid": wrong ? "true" : undefined })}
      {hint && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {wrong && (
        <span class="wrong" id={`${id}-wrong`} role="alert">
          {wrong}
        </span>
      )}
    </div>
  );
}

/** What was refused about a field of this name. */
export function useWrong(name: string): string | undefined {
  const say = useRefusal();
  const { refusals, fields } = useContext(Refused);
  fields.add(name);
  useEffect(() => () => void fields.delete(name), [fields, name]);
  const refusal = refusals.find((one) => one.path?.includes(name));
  return refusal && say(refusal);
}

/** Says a refusal in the words of the catalogue, or the server's. */
export function useRefusal(): (refusal: Refusal) => string {
  const words = useWords();
  return ({ code, message, reason }) => {
    const said = (words.refusals as Record<string, string>)[code] ?? message;
    return reason ? `${said} (${reason})` : said;
  };
}

export function Refusals({ refusals }: { refusals: Refusal[] }) {
  const say = useRefusal();
  return (
    <>
      {refusals.map((one) => (
        <div class="notice bad" role="alert" key={one.code}>
          {say(one)}
        </div>
      ))}
    </>
  );
}
