import { useState } from "preact/hooks";
import {
  CreateResourceDocument,
  DeleteResourceDocument,
  ProjectsDocument,
  type ProjectsQuery,
  type ResourceKind,
  ResourcesDocument,
  type ResourcesQuery,
} from "../../../generated/work/graphql";
import { usePages } from "../../data/pages";
import { useMay, useOrganization } from "../../data/session";
import { Ask, Sure } from "../../parts/ask";
import { Button } from "../../parts/button";
import { Choose } from "../../parts/choose";
import { Field, Labelled } from "../../parts/form";
import { List } from "../../parts/list";
import { Page } from "../../parts/page";
import { useActor } from "../../parts/people";
import { Empty } from "../../parts/states";
import { useFormats, useWords } from "../../words";

type Resource = NonNullable<NonNullable<ResourcesQuery["organization"]>["resources"]>["nodes"][number];

const pick = (data: ResourcesQuery) => data.organization?.resources;

/** What projects are made of. */
export default function Resources() {
  const words = useWords();
  const { slug } = useOrganization();
  const may = useMay();
  const [creating, setCreating] = useState(false);
  const list = usePages(ResourcesDocument, { slug }, pick);
  const columns = [
    { label: words.resources.name },
    { label: words.resources.kind },
    { label: words.resources.project },
    { label: words.resources.by },
    { label: words.projects.created },
    { label: words.members.actions, quiet: true },
  ];
  const create = may("MANAGE_RESOURCES") && (
    <Button kind="primary" onClick={() => setCreating(true)}>
      {words.resources.create}
    </Button>
  );
  return (
    <Page title={words.resources.title} lead={words.resources.lead} actions={create}>
      <List
        title={words.resources.title}
        unnamed
        columns={columns}
        list={list}
        empty={<Empty icon="resources" title={words.resources.none} more={words.resources.noneMore} />}
        row={(resource) => <Row resource={resource} key={resource.id} />}
      />
      {creating && <Create onClose={() => setCreating(false)} />}
    </Page>
  );
}

function Row({ resource }: { resource: Resource }) {
  const words = useWords();
  const { day } = useFormats();
  const actor = useActor();
  const may = useMay();
  const [asked, setAsked] = useState(false);
  const { id, name } = resource;
  return (
    <tr>
      <td class="head strong">{name}</td>
      <td data-label={words.resources.kind}>{words.resources.kinds[resource.kind]}</td>
      <td data-label={words.resources.project}>{resource.project?.name}</td>
      <td data-label={words.resources.by}>{actor(resource.createdBy)}</td>
      <td class="nowrap" data-label={words.projects.created}>
        {day(resource.createdAt)}
      </td>
      <td class="act">
        {may("MANAGE_RESOURCES") && (
          <Button kind="quiet danger" aria-label={words.projects.removeOf(name)} onClick={() => setAsked(true)}>
            {words.projects.remove}
          </Button>
        )}
        {asked && (
          <Sure
            document={DeleteResourceDocument}
            input={{ resourceId: id }}
            title={words.projects.removeTitle(name)}
            more={words.resources.removeMore}
            action={words.projects.remove}
            said={words.projects.removed(name)}
            onClose={() => setAsked(false)}
          />
        )}
      </td>
    </tr>
  );
}

const projects = (data: ProjectsQuery) => data.organization?.projects;

function Create({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const { slug } = useOrganization();
  const list = usePages(ProjectsDocument, { slug, first: 100 }, projects);
  const kinds = Object.entries(words.resources.kinds);
  return (
    <Ask
      document={CreateResourceDocument}
      title={words.resources.create}
      action={words.resources.create}
      said={words.resources.made}
      input={({ name = "", projectId = "", kind }) => ({
        projectId,
        name: name.trim(),
        kind: kind as ResourceKind,
      })}
      onClose={onClose}
    >
      <Field name="name" label={words.found.name} required maxLength={100} />
      <Labelled label={words.resources.kind}>
        {(ids) => (
          <select class="input" name="kind" {...ids}>
            {kinds.map(([kind, said]) => (
              <option value={kind} key={kind}>
                {said}
              </option>
            ))}
          </select>
        )}
      </Labelled>
      <Choose name="projectId" label={words.resources.project} list={list} said={({ name }) => name} />
    </Ask>
  );
}
