import { BillingActivityDocument, type BillingActivityQuery } from "../../../generated/billing/graphql";
import { usePages } from "../../data/pages";
import { useOrganization } from "../../data/session";
import { useActor } from "../../parts/people";
import { Empty } from "../../parts/states";
import { Timeline } from "../../parts/timeline";
import { useFormats, useWords } from "../../words";

type Entry = NonNullable<NonNullable<BillingActivityQuery["organization"]>["billingActivity"]>["nodes"][number];

const pick = (data: BillingActivityQuery) => data.organization?.billingActivity;

/** What was done about the money, and by whom. */
export function Activity() {
  const words = useWords();
  const { slug } = useOrganization();
  const list = usePages(BillingActivityDocument, { slug }, pick);
  return (
    <Timeline
      title={words.activity.title}
      list={list}
      empty={<Empty icon="activity" title={words.activity.none} />}
      line={(entry) => <Line entry={entry} key={entry.id} />}
    />
  );
}

function Line({ entry }: { entry: Entry }) {
  const words = useWords();
  const { moment, money } = useFormats();
  const actor = useActor();
  const about = entry.invitation?.email ?? entry.invoice?.number ?? (entry.payment && money(entry.payment.amount));
  return (
    <li>
      <span>
        <span class="strong">{words.activity.kinds[entry.kind]}</span>
        {about && <span> · {about}</span>}
      </span>
      <span class="muted small">
        {actor(entry.actor)} · <time dateTime={entry.at}>{moment(entry.at)}</time>
      </span>
    </li>
  );
}
