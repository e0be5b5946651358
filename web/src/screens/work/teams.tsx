import { useState } from "preact/hooks";
import {
  CreateTeamDocument,
  DeleteTeamDocument,
  RenameTeamDocument,
  TeamsDocument,
  type TeamsQuery,
} from "../../../generated/work/graphql";
import { usePages } from "../../data/pages";
import { useMay, useOrganization } from "../../data/session";
import { Ask, Sure } from "../../parts/ask";
import { Button } from "../../parts/button";
import { Field } from "../../parts/form";
import { List } from "../../parts/list";
import { Page } from "../../parts/page";
import { Empty } from "../../parts/states";
import { useFormats, useWords } from "../../words";
import { TeamPage } from "./team";

type Team = NonNullable<NonNullable<TeamsQuery["organization"]>["teams"]>["nodes"][number];

const pick = (data: TeamsQuery) => data.organization?.teams;

/** All teams, or the one that the address names. */
export default function Teams({ rest }: { rest: string[] }) {
  const [id] = rest;
  return id ? <TeamPage id={id} /> : <AllTeams />;
}

function AllTeams() {
  const words = useWords();
  const { slug, id } = useOrganization();
  const may = useMay();
  const [creating, setCreating] = useState(false);
  const list = usePages(TeamsDocument, { slug }, pick);
  const columns = [
    { label: words.teams.name },
    { label: words.teams.people },
    { label: words.members.actions, quiet: true },
  ];
  const create = may("MANAGE_TEAMS") && (
    <Button kind="primary" onClick={() => setCreating(true)}>
      {words.teams.create}
    </Button>
  );
  return (
    <Page title={words.teams.title} lead={words.teams.lead} actions={create}>
      <List
        title={words.teams.title}
        unnamed
        columns={columns}
        list={list}
        empty={<Empty icon="teams" title={words.teams.none} more={words.teams.noneMore} />}
        row={(team) => <Row team={team} key={team.id} />}
      />
      {creating && (
        <Ask
          document={CreateTeamDocument}
          title={words.teams.create}
          action={words.teams.create}
          said={words.teams.created}
          input={({ name = "" }) => ({ organizationId: id, name: name.trim() })}
          onClose={() => setCreating(false)}
        >
          <Field name="name" label={words.found.name} required maxLength={100} />
        </Ask>
      )}
    </Page>
  );
}

function Row({ team }: { team: Team }) {
  const words = useWords();
  const { slug } = useOrganization();
  const { list } = useFormats();
  const may = useMay();
  const [asked, setAsked] = useState<"rename" | "delete" | null>(null);
  const close = () => setAsked(null);
  const names = team.members?.nodes.map(({ user }) => user.name) ?? [];
  if (team.members?.pageInfo.hasNextPage) names.push(words.teams.andMore);
  return (
    <tr>
      <td class="head nowrap">
        <a class="strong" href={`/o/${slug}/teams/${team.id}`}>
          {team.name}
        </a>
      </td>
      <td class="muted" data-label={words.teams.people}>
        {list(names)}
      </td>
      <td class="act">
        {may("MANAGE_TEAMS") && (
          <>
            <Button kind="quiet" aria-label={words.teams.renameOf(team.name)} onClick={() => setAsked("rename")}>
              {words.teams.rename}
            </Button>
            <Button
              kind="quiet danger"
              aria-label={words.projects.removeOf(team.name)}
              onClick={() => setAsked("delete")}
            >
              {words.teams.remove}
            </Button>
          </>
        )}
        {asked === "rename" && (
          <Ask
            document={RenameTeamDocument}
            title={words.teams.renameOf(team.name)}
            action={words.teams.rename}
            said={words.teams.renamed}
            input={({ name = "" }) => ({ teamId: team.id, name: name.trim() })}
            onClose={close}
          >
            <Field name="name" label={words.found.name} defaultValue={team.name} required maxLength={100} />
          </Ask>
        )}
        {asked === "delete" && (
          <Sure
            document={DeleteTeamDocument}
            input={{ teamId: team.id }}
            title={words.teams.removeTitle(team.name)}
            more={words.teams.removeMore}
            action={words.teams.remove}
            said={words.teams.removed(team.name)}
            onClose={close}
          />
        )}
      </td>
    </tr>
  );
}
