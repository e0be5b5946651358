import { useState } from "preact/hooks";
import { RequestPasswordResetDocument } from "../../../generated/account/graphql";
import { type Refusal, useChange } from "../../data/change";
import { Field, Form } from "../../parts/form";
import { Gate } from "../../parts/gate";
import { useWords } from "../../words";

export function Forgot() {
  const words = useWords();
  const [run, busy] = useChange(RequestPasswordResetDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const [sentTo, setSentTo] = useState("");
  const ask = async ({ email = "" }: Record<string, string>) => {
    const done = await run({ email: email.trim() });
    setRefusals(done.refusals);
    if (done.payload && !done.refusals.length) setSentTo(email.trim());
  };
  if (sentTo) return <Gate title={words.forgot.sent} lead={words.forgot.sentMore(sentTo)} />;
  return (
    <Gate title={words.forgot.title} lead={words.forgot.lead}>
      <Form submit={words.forgot.submit} busy={busy} refusals={refusals} onSubmit={ask}>
        <Field name="email" label={words.signIn.email} type="email" autocomplete="username" required />
      </Form>
      <a class="small" href="/sign-in">
        {words.back}
      </a>
    </Gate>
  );
}
