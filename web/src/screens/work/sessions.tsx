import { useState } from "preact/hooks";
import { type MyKeysQuery, RevokeSessionDocument } from "../../../generated/work/graphql";
import type { useAnswer } from "../../data/answer";
import { type Refusal, useChange } from "../../data/change";
import { Badge } from "../../parts/badge";
import { Button } from "../../parts/button";
import { Confirm } from "../../parts/dialog";
import { List } from "../../parts/list";
import { useFormats, useWords } from "../../words";

type Session = NonNullable<MyKeysQuery["viewer"]>["sessions"][number];

interface Props {
  answer: Pick<ReturnType<typeof useAnswer>, "error" | "again">;
  sessions: Session[] | undefined;
}

/** The browsers that one is signed in with. */
export function Sessions({ answer, sessions }: Props) {
  const words = useWords();
  const columns = [
    { label: words.keys.browser },
    { label: words.keys.since },
    { label: words.keys.seen },
    { label: words.members.actions, quiet: true },
  ];
  return (
    <List
      title={words.keys.sessions}
      columns={columns}
      list={{ nodes: sessions, error: answer.error, again: answer.again, more: undefined, busy: false, stuck: false }}
      empty={null}
      row={(session) => <Row session={session} key={session.id} />}
    />
  );
}

function Row({ session }: { session: Session }) {
  const words = useWords();
  const { moment } = useFormats();
  const [asked, setAsked] = useState(false);
  const [run, busy] = useChange(RevokeSessionDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const revoke = async () => {
    const done = await run({ sessionId: session.id });
    setRefusals(done.refusals);
    if (done.payload && !done.refusals.length) setAsked(false);
  };
  return (
    <tr>
      <td class="head">{session.client ? named(session.client) : words.keys.unknown}</td>
      <td data-label={words.keys.since}>{moment(session.createdAt)}</td>
      <td data-label={words.keys.seen}>{moment(session.seenAt)}</td>
      <td class="act">
        {session.current ? (
          <Badge tone="good">{words.keys.current}</Badge>
        ) : (
          <Button kind="quiet danger" onClick={() => setAsked(true)}>
            {words.keys.signOut}
          </Button>
        )}
        {asked && (
          <Confirm
            title={words.keys.signOutTitle}
            more={words.keys.signOutMore}
            action={words.keys.signOut}
            busy={busy}
            refusals={refusals}
            onConfirm={revoke}
            onClose={() => setAsked(false)}
          />
        )}
      </td>
    </tr>
  );
}

const browsers = [/(Firefox)\/(\d+)/, /(Edg)\/(\d+)/, /(Chrome)\/(\d+)/, /Version\/\d.* (Safari)\/(\d+)/];
const systems = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/;

/** What a browser called itself, in short. */
function named(client: string): string {
  const found = browsers.map((one) => one.exec(client)).find(Boolean);
  const browser = found ? `${found[1] === "Edg" ? "Edge" : found[1]} ${found[2]}` : client.slice(0, 60);
  return [browser, systems.exec(client)?.[1]].filter(Boolean).join(" · ");
}
