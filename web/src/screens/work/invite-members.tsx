import { useRef, useState } from "preact/hooks";
import { InviteMemberDocument, type Role } from "../../../generated/work/graphql";
import { type Refusal, useKeyedChange } from "../../data/change";
import { useOrganization } from "../../data/session";
import { Addresses, addresses, Outcomes, tooMany } from "../../parts/addresses";
import { Dialog } from "../../parts/dialog";
import { Form, useRefusal } from "../../parts/form";
import { useWords } from "../../words";
import { RoleChoice } from "./member";

/** What became of an address: why it was refused, or nothing. */
type Results = Map<string, Refusal | undefined>;

/** Asks for one or more addresses and a role, and tells what became of each. */
export function InviteMembers({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const say = useRefusal();
  const [results, setResults] = useState<Results | null>(null);
  const said = ([email, refusal]: [string, Refusal | undefined]) => ({
    email,
    tone: refusal ? ("bad" as const) : ("good" as const),
    said: refusal ? say(refusal) : words.invite.outcomes.SENT,
  });
  return (
    <Dialog title={words.members.invite} onClose={onClose}>
      {results ? (
        <Outcomes
          title={words.members.invite}
          outcomes={[...results].map(said)}
          onAnother={() => setResults(null)}
          onClose={onClose}
        />
      ) : (
        <Ask onDone={setResults} onClose={onClose} />
      )}
    </Dialog>
  );
}

function Ask({ onDone, onClose }: { onDone: (results: Results) => void; onClose: () => void }) {
  const words = useWords();
  const [text, setText] = useState("");
  const [send, busy, refusals] = useEach(onDone);
  const submit = (role: Role) => {
    const emails = addresses(text);
    if (!tooMany(emails)) void send(emails, role);
  };
  return (
    <Form
      submit={words.invite.submit}
      busy={busy}
      refusals={refusals}
      onSubmit={({ role }) => submit(role as Role)}
      onCancel={onClose}
    >
      <p class="muted">{words.members.inviteMore}</p>
      <Addresses text={text} onText={setText} />
      <RoleChoice chosen="MEMBER" />
    </Form>
  );
}

/** Invites one after the other, as the server takes them. */
function useEach(onDone: (results: Results) => void) {
  const { id } = useOrganization();
  const [run] = useKeyedChange(InviteMemberDocument);
  const [busy, setBusy] = useState(false);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  // Kept when an answer is lost on the way: what was sent is not sent again, unless for another role.
  const answered = useRef(new Map<Role, Results>()).current;
  const each = async (emails: string[], role: Role) => {
    const before = answered.get(role) ?? new Map();
    answered.set(role, before);
    const results: Results = new Map();
    for (const email of new Set(emails)) {
      if (!before.has(email)) {
        const done = await run({ organizationId: id, email, role });
        if (!done.payload) return setRefusals(done.refusals);
        before.set(email, done.refusals[0]);
      }
      results.set(email, before.get(email));
    }
    onDone(results);
  };
  const send = async (emails: string[], role: Role) => {
    setBusy(true);
    await each(emails, role).finally(() => setBusy(false));
  };
  return [send, busy, refusals] as const;
}
