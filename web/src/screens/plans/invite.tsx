import { useState } from "preact/hooks";
import {
  InviteBillingManagersDocument,
  type InviteBillingManagersMutation,
} from "../../../generated/billing/graphql";
import { type Refusal, useKeyedChange } from "../../data/change";
import { useOrganization } from "../../data/session";
import { Badge, type Tone } from "../../parts/badge";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Form, Labelled } from "../../parts/form";
import { Table } from "../../parts/table";
import { useWords } from "../../words";

type Result = NonNullable<InviteBillingManagersMutation["inviteBillingManagers"]>["results"][number];

const most = 50;

/** Asks for one or more addresses, and tells what became of each. */
export function Invite({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const [results, setResults] = useState<Result[] | null>(null);
  return (
    <Dialog title={words.invite.title} onClose={onClose}>
      {results ? (
        <Results results={results} onAnother={() => setResults(null)} onClose={onClose} />
      ) : (
        <Addresses onDone={setResults} onClose={onClose} />
      )}
    </Dialog>
  );
}

function Addresses({ onDone, onClose }: { onDone: (results: Result[]) => void; onClose: () => void }) {
  const words = useWords();
  const { id } = useOrganization();
  const [text, setText] = useState("");
  const [run, busy] = useKeyedChange(InviteBillingManagersDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const emails = addresses(text);
  const tooMany = emails.length > most;
  const send = async () => {
    if (tooMany) return;
    const done = await run({ organizationId: id, emails });
    setRefusals(done.refusals);
    if (done.payload && !done.refusals.length) onDone(done.payload.results);
  };
  return (
    <Form submit={words.invite.submit} busy={busy} refusals={refusals.map(whole)} onSubmit={send} onCancel={onClose}>
      <p class="muted">{words.invite.lead}</p>
      <Labelled
        label={words.invite.addresses}
        hint={emails.length ? words.invite.count(emails.length) : words.invite.hint}
        wrong={tooMany ? words.invite.tooMany : undefined}
      >
        {(ids) => (
          <textarea
            class="input"
            required
            spellcheck={false}
            autocomplete="off"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
            {...ids}
          />
        )}
      </Labelled>
    </Form>
  );
}

function whole({ code, message }: Refusal): Refusal {
  return { code, message };
}

/** The addresses in what was typed or pasted; of `Ann <ann@acme.test>` what stands between the angles. */
export function addresses(text: string): string[] {
  const angled = text.replace(/(?:"[^"]*"\s*|[^<>,;\n"]*)<\s*([^<>\s]+)\s*>/g, " $1 ");
  return angled.split(/[\s,;]+/).filter(Boolean);
}

const tones: Record<Result["outcome"], Tone> = {
  SENT: "good",
  ALREADY_INVITED: "good",
  ALREADY_BILLING_MANAGER: "plain",
  DUPLICATE_IN_REQUEST: "plain",
  INVALID_ADDRESS: "bad",
};

interface ResultsProps {
  results: Result[];
  onAnother: () => void;
  onClose: () => void;
}

function Results({ results, onAnother, onClose }: ResultsProps) {
  const words = useWords();
  return (
    <>
      <div role="status">
        <Table
          label={words.invite.title}
          columns={[{ label: words.managers.address }, { label: words.invite.outcome }]}
        >
          {results.map(({ email, outcome }, index) => (
            <tr key={index}>
              <td class="head">{email}</td>
              <td>
                <Badge tone={tones[outcome]}>{words.invite.outcomes[outcome]}</Badge>
              </td>
            </tr>
          ))}
        </Table>
      </div>
      <div class="actions end">
        <Button onClick={onAnother}>{words.invite.another}</Button>
        <Button kind="primary" onClick={onClose}>
          {words.invite.done}
        </Button>
      </div>
    </>
  );
}
