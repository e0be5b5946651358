import { useState } from "preact/hooks";
import {
  AddTeamMemberDocument,
  MembersDocument,
  type MembersQuery,
  RemoveTeamMemberDocument,
  TeamMembersDocument,
  type TeamMembersQuery,
} from "../../../generated/work/graphql";
import { useAnswer } from "../../data/answer";
import { usePages } from "../../data/pages";
import { useMay, useOrganization } from "../../data/session";
import { Ask, Sure } from "../../parts/ask";
import { Button } from "../../parts/button";
import { Choose } from "../../parts/choose";
import { List } from "../../parts/list";
import { Page } from "../../parts/page";
import { Person } from "../../parts/people";
import { Empty } from "../../parts/states";
import { useWords } from "../../words";
import { Missing } from "../section";
import type { Member } from "./member";

type Node = NonNullable<TeamMembersQuery["node"]>;
const teamOf = (node: Node | null | undefined) => (node && "name" in node ? node : null);
const pick = (data: TeamMembersQuery) => teamOf(data.node)?.members;

/** Who belongs to a team. */
export function TeamPage({ id }: { id: string }) {
  const words = useWords();
  const { slug } = useOrganization();
  const may = useMay();
  const [adding, setAdding] = useState(false);
  const { data } = useAnswer(TeamMembersDocument, { id });
  const list = usePages(TeamMembersDocument, { id }, pick);
  if (data && !teamOf(data.node)) return <Missing />;
  const columns = [{ label: words.members.person }, { label: words.members.actions, quiet: true }];
  const add = may("MANAGE_TEAMS") && (
    <Button kind="primary" onClick={() => setAdding(true)}>
      {words.teams.add}
    </Button>
  );
  const back = <a href={`/o/${slug}/teams`}>{words.teams.all}</a>;
  return (
    <Page title={teamOf(data?.node)?.name ?? words.teams.name} lead={back} actions={add}>
      <List
        title={words.teams.people}
        columns={columns}
        list={list}
        empty={<Empty icon="people" title={words.teams.empty} />}
        row={(member) => <Row team={id} member={member} key={member.id} />}
      />
      {adding && <Add team={id} onClose={() => setAdding(false)} />}
    </Page>
  );
}

function Row({ team, member }: { team: string; member: Member }) {
  const words = useWords();
  const may = useMay();
  const [asked, setAsked] = useState(false);
  const { name, email } = member.user;
  return (
    <tr>
      <td class="head">
        <Person name={name} email={email} />
      </td>
      <td class="act">
        {may("MANAGE_TEAMS") && (
          <Button kind="quiet danger" aria-label={words.teams.takeOutOf(name)} onClick={() => setAsked(true)}>
            {words.teams.takeOut}
          </Button>
        )}
        {asked && (
          <Sure
            document={RemoveTeamMemberDocument}
            input={{ teamId: team, memberId: member.id }}
            title={words.teams.takeOutOf(name)}
            more={words.teams.takeOutMore}
            action={words.teams.takeOut}
            onClose={() => setAsked(false)}
          />
        )}
      </td>
    </tr>
  );
}

const members = (data: MembersQuery) => data.organization?.members;

function Add({ team, onClose }: { team: string; onClose: () => void }) {
  const words = useWords();
  const { slug } = useOrganization();
  const list = usePages(MembersDocument, { slug, first: 100 }, members);
  return (
    <Ask
      document={AddTeamMemberDocument}
      title={words.teams.add}
      action={words.teams.add}
      said={words.teams.added}
      input={({ memberId = "" }) => ({ teamId: team, memberId })}
      onClose={onClose}
    >
      <Choose
        name="memberId"
        label={words.members.person}
        list={list}
        said={({ user }) => `${user.name} · ${user.email}`}
      />
    </Ask>
  );
}
