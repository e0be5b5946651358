import { useState } from "preact/hooks";
import {
  InviteBillingManagersDocument,
  type InviteBillingManagersMutation,
} from "../../../generated/billing/graphql";
import { type Refusal, useKeyedChange } from "../../data/change";
import { useOrganization } from "../../data/session";
import { Addresses, addresses, Outcomes, tooMany } from "../../parts/addresses";
import type { Tone } from "../../parts/badge";
import { Dialog } from "../../parts/dialog";
import { Form } from "../../parts/form";
import { useWords } from "../../words";

type Result = NonNullable<InviteBillingManagersMutation["inviteBillingManagers"]>["results"][number];

const tones: Record<Result["outcome"], Tone> = {
  SENT: "good",
  ALREADY_INVITED: "good",
  ALREADY_BILLING_MANAGER: "plain",
  DUPLICATE_IN_REQUEST: "plain",
  INVALID_ADDRESS: "bad",
};

/** Asks for one or more addresses, and tells what became of each. */
export function Invite({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const [results, setResults] = useState<Result[] | null>(null);
  const said = ({ email, outcome }: Result) => ({
    email,
    tone: tones[outcome],
    said: words.invite.outcomes[outcome],
  });
  return (
    <Dialog title={words.invite.title} onClose={onClose}>
      {results ? (
        <Outcomes
          title={words.invite.title}
          outcomes={results.map(said)}
          onAnother={() => setResults(null)}
          onClose={onClose}
        />
      ) : (
        <Ask onDone={setResults} onClose={onClose} />
      )}
    </Dialog>
  );
}

function Ask({ onDone, onClose }: { onDone: (results: Result[]) => void; onClose: () => void }) {
  const words = useWords();
  const { id } = useOrganization();
  const [text, setText] = useState("");
  const [run, busy] = useKeyedChange(InviteBillingManagersDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const send = async () => {
    const emails = addresses(text);
    if (tooMany(emails)) return;
    const done = await run({ organizationId: id, emails });
    setRefusals(done.refusals);
    if (done.payload && !done.refusals.length) onDone(done.payload.results);
  };
  return (
    <Form submit={words.invite.submit} busy={busy} refusals={refusals} onSubmit={send} onCancel={onClose}>
      <p class="muted">{words.invite.lead}</p>
      <Addresses text={text} onText={setText} />
    </Form>
  );
}
