import { useEffect, useState } from "preact/hooks";
import { SignInDocument } from "../../../generated/account/graphql";
import { type Refusal, useChange } from "../../data/change";
import { useSession } from "../../data/session";
import { Field, Form } from "../../parts/form";
import { Gate } from "../../parts/gate";
import { navigate } from "../../router";
import { useWords } from "../../words";

/** Stands at its own address, and at every other one as long as nobody is signed in: then one goes on there. */
export function SignIn() {
  const words = useWords();
  const { viewer, ended } = useSession();
  const note = notes[new URLSearchParams(location.search).get("note") ?? ""];
  const here = location.pathname === "/sign-in";
  useEffect(() => {
    if (viewer && here) navigate("/", { replace: true });
  }, [viewer, here]);
  const said = note ? words.signIn[note] : ended && !here ? words.signIn.ended : null;
  return (
    <Gate title={words.signIn.title} lead={words.signIn.lead}>
      {said && (
        <div class="notice" role="status">
          {said}
        </div>
      )}
      <Credentials />
      <div class="split small">
        <a href="/forgot">{words.signIn.forgot}</a>
        <span class="muted">
          {words.signIn.noAccount} <a href="/sign-up">{words.signIn.signUp}</a>
        </span>
      </div>
    </Gate>
  );
}

const notes: Record<string, "reset" | "verified"> = { reset: "reset", verified: "verified" };

/** Address and password. */
export function Credentials() {
  const words = useWords();
  const { refresh } = useSession();
  const [run, busy] = useChange(SignInDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const enter = async ({ email = "", password = "" }: Record<string, string>) => {
    const done = await run({ email: email.trim(), password });
    setRefusals(done.refusals);
    if (done.payload && !done.refusals.length) await refresh();
  };
  return (
    <Form submit={words.signIn.submit} busy={busy} refusals={refusals.map(whole)} onSubmit={enter}>
      <Field name="email" label={words.signIn.email} type="email" autocomplete="username" required />
      <Field name="password" label={words.signIn.password} type="password" autocomplete="current-password" required />
    </Form>
  );
}

/** Which of the two is wrong is not told. */
function whole(refusal: Refusal): Refusal {
  return { code: refusal.code, message: refusal.message };
}
