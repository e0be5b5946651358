import { useState } from "preact/hooks";
import { ResetPasswordDocument } from "../../../generated/account/graphql";
import { type Refusal, useChange } from "../../data/change";
import { useToken } from "../../data/link";
import { useSession } from "../../data/session";
import { Field, Form } from "../../parts/form";
import { Gate } from "../../parts/gate";
import { navigate } from "../../router";
import { useWords } from "../../words";

export function Reset() {
  const words = useWords();
  const token = useToken();
  const { refresh } = useSession();
  const [run, busy] = useChange(ResetPasswordDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const set = async ({ password = "" }: Record<string, string>) => {
    const done = await run({ token, password });
    setRefusals(done.refusals);
    if (!done.payload || done.refusals.length) return;
    navigate("/sign-in?note=reset", { replace: true });
    await refresh();
  };
  if (!token || refusals.some(({ code }) => code === "INVALID_LINK")) {
    return (
      <Gate title={words.reset.invalid} lead={words.reset.invalidMore}>
        <a class="button wide" href="/forgot">
          {words.reset.again}
        </a>
      </Gate>
    );
  }
  return (
    <Gate title={words.reset.title} lead={words.reset.lead}>
      <Form submit={words.reset.submit} busy={busy} refusals={refusals} onSubmit={set}>
        <Field
          name="password"
          label={words.reset.password}
          hint={words.signUp.passwordHint}
          type="password"
          autocomplete="new-password"
          minLength={10}
          required
        />
      </Form>
    </Gate>
  );
}
