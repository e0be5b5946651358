import { useState } from "preact/hooks";
import { VerifyEmailDocument } from "../../../generated/account/graphql";
import { type Refusal, useChange } from "../../data/change";
import { useToken } from "../../data/link";
import { useSession } from "../../data/session";
import { Button } from "../../parts/button";
import { Refusals } from "../../parts/form";
import { Gate } from "../../parts/gate";
import { navigate } from "../../router";
import { useWords } from "../../words";

/** Confirms by a click, not by being opened: scanners of mails open links too. */
export function Verify() {
  const words = useWords();
  const token = useToken();
  const { viewer, refresh } = useSession();
  const [run, busy] = useChange(VerifyEmailDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const confirm = async () => {
    const done = await run({ token });
    setRefusals(done.refusals);
    if (!done.payload || done.refusals.length) return;
    navigate(viewer ? "/" : "/sign-in?note=verified", { replace: true });
    await refresh();
  };
  if (!token || refusals.some(({ code }) => code === "INVALID_LINK")) {
    return (
      <Gate title={words.verify.invalid} lead={words.verify.invalidMore}>
        <a class="button wide" href="/sign-up">
          {words.signIn.signUp}
        </a>
      </Gate>
    );
  }
  return (
    <Gate title={words.verify.title} lead={words.verify.lead}>
      <Refusals refusals={refusals} />
      <Button kind="wide primary" busy={busy} onClick={confirm}>
        {words.verify.submit}
      </Button>
    </Gate>
  );
}
