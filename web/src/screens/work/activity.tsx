import { ActivitiesDocument, type ActivitiesQuery } from "../../../generated/work/graphql";
import { usePages } from "../../data/pages";
import { useOrganization } from "../../data/session";
import { Page } from "../../parts/page";
import { useActor } from "../../parts/people";
import { Empty } from "../../parts/states";
import { Timeline } from "../../parts/timeline";
import { useFormats, useWords } from "../../words";
import { spelt } from "../../words/codes";

type Entry = NonNullable<NonNullable<ActivitiesQuery["organization"]>["activities"]>["nodes"][number];

const pick = (data: ActivitiesQuery) => data.organization?.activities;

/** What was done about the organization's work. */
export default function Activity() {
  const words = useWords();
  const { slug } = useOrganization();
  const list = usePages(ActivitiesDocument, { slug }, pick);
  return (
    <Page title={words.activities.title} lead={words.activities.lead}>
      <Timeline
        title={words.activities.title}
        unnamed
        list={list}
        empty={<Empty icon="activity" title={words.activities.none} />}
        line={(entry) => <Line entry={entry} key={entry.id} />}
      />
    </Page>
  );
}

function Line({ entry }: { entry: Entry }) {
  const words = useWords();
  const { moment } = useFormats();
  const actor = useActor();
  const called = entry.kind === "SETTINGS_CHANGED" ? words.activities.called : {};
  const subject = called[entry.subject] ?? entry.subject;
  return (
    <li>
      <span>
        {words.activities.kinds[entry.kind] ?? spelt(entry.kind)} <span class="strong">{subject}</span>
      </span>
      <span class="muted small">
        {actor(entry.actor)} · <time dateTime={entry.at}>{moment(entry.at)}</time>
      </span>
    </li>
  );
}
