import { BillingActivityDocument, type BillingActivityQuery } from "../../../generated/billing/graphql";
import { usePages } from "../../data/pages";
import { useOrganization } from "../../data/session";
import { Button } from "../../parts/button";
import { Card } from "../../parts/card";
import { useActor } from "../../parts/people";
import { Empty, Failure, Skeleton } from "../../parts/states";
import { useFormats, useWords } from "../../words";

type Entry = NonNullable<NonNullable<BillingActivityQuery["organization"]>["billingActivity"]>["nodes"][number];

const pick = (data: BillingActivityQuery) => data.organization?.billingActivity;

/** What was done about the money, and by whom. */
export function Activity() {
  const words = useWords();
  const { slug } = useOrganization();
  const { nodes, error, again, more, busy } = usePages(BillingActivityDocument, { slug }, pick);
  const footer = more && (
    <Button kind="quiet" busy={busy} onClick={more}>
      {words.more}
    </Button>
  );
  return (
    <Card title={words.activity.title} footer={footer}>
      {!nodes && (error ? <Failure error={error} again={again} /> : <Skeleton />)}
      {nodes?.length === 0 && <Empty icon="activity" title={words.activity.none} />}
      {nodes && nodes.length > 0 && (
        <ol class="timeline">
          {nodes.map((one) => (
            <Line entry={one} key={one.id} />
          ))}
        </ol>
      )}
    </Card>
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
        <span class="strong">{words.activity.kinds[entry.kind] ?? entry.kind}</span>
        {about && <span> · {about}</span>}
      </span>
      <span class="muted small">
        {actor(entry.actor)} · <time dateTime={entry.at}>{moment(entry.at)}</time>
      </span>
    </li>
  );
}
