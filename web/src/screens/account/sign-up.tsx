import { useState } from "preact/hooks";
import { SignUpDocument } from "../../../generated/account/graphql";
import { type Refusal, useChange } from "../../data/change";
import { Field, Form } from "../../parts/form";
import { Gate } from "../../parts/gate";
import { useWords } from "../../words";

export function SignUp() {
  const words = useWords();
  const [sentTo, setSentTo] = useState("");
  if (sentTo) {
    return (
      <Gate title={words.signUp.sent} lead={words.signUp.sentMore(sentTo)}>
        <a class="button wide" href="/sign-in">
          {words.signUp.toSignIn}
        </a>
      </Gate>
    );
  }
  return (
    <Gate title={words.signUp.title}>
      <NewAccount onDone={({ email }) => setSentTo(email)} />
      <p class="small muted">
        {words.signUp.have} <a href="/sign-in">{words.signIn.title}</a>
      </p>
    </Gate>
  );
}

interface NewAccountProps {
  onDone: (made: { email: string; password: string }) => void;
}

/** Name, address and password of who has no account. */
export function NewAccount({ onDone }: NewAccountProps) {
  const words = useWords();
  const [run, busy] = useChange(SignUpDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const enter = async ({ name = "", email = "", password = "" }: Record<string, string>) => {
    const done = await run({ name: name.trim(), email: email.trim(), password });
    setRefusals(done.refusals);
    if (done.payload && !done.refusals.length) onDone({ email: email.trim(), password });
  };
  return (
    <Form submit={words.signUp.submit} busy={busy} refusals={refusals} onSubmit={enter}>
      <Field name="name" label={words.signUp.name} autocomplete="name" required />
      <Field name="email" label={words.signIn.email} type="email" autocomplete="username" required />
      <Field
        name="password"
        label={words.signIn.password}
        hint={words.signUp.passwordHint}
        type="password"
        autocomplete="new-password"
        minLength={10}
        required
      />
    </Form>
  );
}
