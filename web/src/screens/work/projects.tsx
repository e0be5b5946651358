import { useState } from "preact/hooks";
import {
  CreateProjectDocument,
  DeleteProjectDocument,
  ProjectsDocument,
  type ProjectsQuery,
  RenameProjectDocument,
  TeamsDocument,
  type TeamsQuery,
} from "../../../generated/work/graphql";
import { usePages } from "../../data/pages";
import { useMay, useOrganization } from "../../data/session";
import { Ask, Sure } from "../../parts/ask";
import { Button } from "../../parts/button";
import { Choose } from "../../parts/choose";
import { Field } from "../../parts/form";
import { List } from "../../parts/list";
import { Page } from "../../parts/page";
import { Empty } from "../../parts/states";
import { useFormats, useWords } from "../../words";

type Project = NonNullable<NonNullable<ProjectsQuery["organization"]>["projects"]>["nodes"][number];

const pick = (data: ProjectsQuery) => data.organization?.projects;

/** What the organization works on. */
export default function Projects() {
  const words = useWords();
  const { slug } = useOrganization();
  const may = useMay();
  const [creating, setCreating] = useState(false);
  const list = usePages(ProjectsDocument, { slug }, pick);
  const columns = [
    { label: words.projects.name },
    { label: words.projects.team },
    { label: words.projects.created },
    { label: words.members.actions, quiet: true },
  ];
  const create = may("MANAGE_PROJECTS") && (
    <Button kind="primary" onClick={() => setCreating(true)}>
      {words.projects.create}
    </Button>
  );
  return (
    <Page title={words.projects.title} lead={words.projects.lead} actions={create}>
      <List
        title={words.projects.title}
        unnamed
        columns={columns}
        list={list}
        empty={<Empty icon="projects" title={words.projects.none} more={words.projects.noneMore} />}
        row={(project) => <Row project={project} key={project.id} />}
      />
      {creating && <Create onClose={() => setCreating(false)} />}
    </Page>
  );
}

function Row({ project }: { project: Project }) {
  const words = useWords();
  const { day } = useFormats();
  const may = useMay();
  const [asked, setAsked] = useState<"rename" | "delete" | null>(null);
  const close = () => setAsked(null);
  const { id, name } = project;
  return (
    <tr>
      <td class="head strong">{name}</td>
      <td data-label={words.projects.team}>{project.team?.name ?? <span class="muted">{words.projects.noTeam}</span>}</td>
      <td data-label={words.projects.created}>{day(project.createdAt)}</td>
      <td class="act">
        {may("MANAGE_PROJECTS") && (
          <>
            <Button kind="quiet" aria-label={words.projects.renameOf(name)} onClick={() => setAsked("rename")}>
              {words.projects.rename}
            </Button>
            <Button kind="quiet danger" aria-label={words.projects.removeOf(name)} onClick={() => setAsked("delete")}>
              {words.projects.remove}
            </Button>
          </>
        )}
        {asked === "rename" && (
          <Ask
            document={RenameProjectDocument}
            title={words.projects.renameOf(name)}
            action={words.projects.rename}
            said={words.projects.renamed}
            input={(values) => ({ projectId: id, name: (values["name"] ?? "").trim() })}
            onClose={close}
          >
            <Field name="name" label={words.found.name} defaultValue={name} required maxLength={100} />
          </Ask>
        )}
        {asked === "delete" && (
          <Sure
            document={DeleteProjectDocument}
            input={{ projectId: id }}
            title={words.projects.removeTitle(name)}
            more={words.projects.removeMore}
            action={words.projects.remove}
            said={words.projects.removed(name)}
            onClose={close}
          />
        )}
      </td>
    </tr>
  );
}

const teams = (data: TeamsQuery) => data.organization?.teams;

function Create({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const { id, slug } = useOrganization();
  const list = usePages(TeamsDocument, { slug, first: 100 }, teams);
  return (
    <Ask
      document={CreateProjectDocument}
      title={words.projects.create}
      action={words.projects.create}
      said={words.projects.made}
      input={({ name = "", teamId }) => ({ organizationId: id, name: name.trim(), teamId: teamId || null })}
      onClose={onClose}
    >
      <Field name="name" label={words.found.name} required maxLength={100} />
      <Choose name="teamId" label={words.projects.team} list={list} said={({ name }) => name} none={words.projects.noTeam} />
    </Ask>
  );
}
