import { useState } from "preact/hooks";
import {
  MyKeysDocument,
  OrganizationKeysDocument,
  type OrganizationKeysQuery,
  RevokeApiKeyDocument,
} from "../../../generated/work/graphql";
import { useAnswer } from "../../data/answer";
import { useMay, useOrganization } from "../../data/session";
import { Sure } from "../../parts/ask";
import { Button } from "../../parts/button";
import { List } from "../../parts/list";
import { Page } from "../../parts/page";
import { useActor } from "../../parts/people";
import { Empty } from "../../parts/states";
import { useFormats, useWords } from "../../words";
import { CreateKey } from "./create-key";
import { Sessions } from "./sessions";

type OrganizationKey = NonNullable<NonNullable<OrganizationKeysQuery["organization"]>["apiKeys"]>[number];
type Key = Omit<OrganizationKey, "madeBy"> & Partial<Pick<OrganizationKey, "madeBy">>;

/** One's own keys and browsers, and the organization's keys for who manages them. */
export default function Keys() {
  const words = useWords();
  const may = useMay();
  const [creating, setCreating] = useState(false);
  const mine = useAnswer(MyKeysDocument, {});
  const create = (
    <Button kind="primary" onClick={() => setCreating(true)}>
      {words.keys.create}
    </Button>
  );
  return (
    <Page title={words.keys.title} lead={words.keys.lead} actions={create}>
      <KeyList
        title={words.keys.mine}
        lead={words.keys.mineMore}
        answer={mine}
        keys={mine.data?.viewer?.apiKeys}
        makers={false}
      />
      {may("MANAGE_API_KEYS") && <OrganizationKeys />}
      <Sessions answer={mine} sessions={mine.data?.viewer?.sessions} />
      {creating && <CreateKey onClose={() => setCreating(false)} />}
    </Page>
  );
}

function OrganizationKeys() {
  const words = useWords();
  const { slug } = useOrganization();
  const answer = useAnswer(OrganizationKeysDocument, { slug });
  return (
    <KeyList
      title={words.keys.organization}
      lead={words.keys.organizationMore}
      answer={answer}
      keys={answer.data?.organization?.apiKeys}
      makers
    />
  );
}

interface KeyListProps {
  title: string;
  lead: string;
  answer: Pick<ReturnType<typeof useAnswer>, "error" | "again">;
  keys: Key[] | null | undefined;
  makers: boolean;
}

function KeyList({ title, lead, answer, keys, makers }: KeyListProps) {
  const words = useWords();
  const columns = [
    { label: words.keys.name },
    { label: words.keys.prefix },
    { label: words.keys.permissions },
    ...(makers ? [{ label: words.keys.by }] : []),
    { label: words.keys.used },
    { label: words.keys.expires },
    { label: words.members.actions, quiet: true },
  ];
  return (
    <List
      title={title}
      lead={lead}
      columns={columns}
      list={{ nodes: keys, error: answer.error, again: answer.again, more: undefined, busy: false, stuck: false }}
      empty={<Empty icon="keys" title={words.keys.none} more={words.keys.noneMore} />}
      row={(one) => <Row apiKey={one} makers={makers} key={one.id} />}
    />
  );
}

function Row({ apiKey, makers }: { apiKey: Key; makers: boolean }) {
  const words = useWords();
  const { day, list } = useFormats();
  const actor = useActor();
  const [asked, setAsked] = useState(false);
  const { id, name, permissions, expiresAt, lastUsedAt, madeBy } = apiKey;
  return (
    <tr>
      <td class="head strong">{name}</td>
      <td data-label={words.keys.prefix}>
        <code>{apiKey.prefix}…</code>
      </td>
      <td class="small" data-label={words.keys.permissions}>
        {permissions ? list(permissions.map((one) => words.keys.may[one])) : words.keys.everything}
      </td>
      {makers && <td data-label={words.keys.by}>{madeBy && actor(madeBy)}</td>}
      <td class="nowrap" data-label={words.keys.used}>
        {lastUsedAt ? day(lastUsedAt) : words.keys.never}
      </td>
      <td class="nowrap" data-label={words.keys.expires}>
        {expiresAt ? day(expiresAt) : words.keys.never}
      </td>
      <td class="act">
        <Button kind="quiet danger" aria-label={words.keys.revokeOf(name)} onClick={() => setAsked(true)}>
          {words.keys.revoke}
        </Button>
        {asked && (
          <Sure
            document={RevokeApiKeyDocument}
            input={{ apiKeyId: id }}
            title={words.keys.revokeTitle(name)}
            more={words.keys.revokeMore}
            action={words.keys.revoke}
            said={words.keys.revoked(name)}
            onClose={() => setAsked(false)}
          />
        )}
      </td>
    </tr>
  );
}
