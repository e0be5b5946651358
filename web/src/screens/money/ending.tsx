import { useState } from "preact/hooks";
import {
  CancelScheduledChangeDocument,
  CancelSubscriptionDocument,
  ResumeSubscriptionDocument,
} from "../../../generated/billing/graphql";
import { useOrganization } from "../../data/session";
import { Sure } from "../../parts/ask";
import { Button } from "../../parts/button";
import { useFormats, useWords } from "../../words";
import type { Subscription } from "../plans/plan";

interface Props {
  subscription: Subscription;
  change: boolean;
}

/** What waits for the end of the period, in words. */
export function useScheduled() {
  const words = useWords();
  const { utcDay } = useFormats();
  return ({ effectiveAt, plan, interval, seats }: NonNullable<Subscription["scheduledChange"]>) =>
    words.plans.scheduled(utcDay(effectiveAt), plan.name, words.plans.interval[interval], seats);
}

/** What was decided for the end of the period, and the way back from it. */
export function Ahead({ subscription, change }: Props) {
  const words = useWords();
  const { utcDay } = useFormats();
  const scheduled = useScheduled();
  const { scheduledChange, cancelAt } = subscription;
  return (
    <>
      {scheduledChange && (
        <div class="notice">
          <span>{scheduled(scheduledChange)}</span>
          {change && <Step document={CancelScheduledChangeDocument} said={words.money.keep} />}
        </div>
      )}
      {cancelAt && (
        <div class="notice warn">
          <span>{words.plans.ends(utcDay(cancelAt))}</span>
          {change && <Step document={ResumeSubscriptionDocument} said={words.money.resume} />}
        </div>
      )}
    </>
  );
}

/** Ends the subscription with its period. */
export function Cancel({ subscription }: { subscription: Subscription }) {
  const words = useWords();
  if (subscription.cancelAt || subscription.price.unitAmount.amount === 0) return null;
  const { more, drops } = words.money.cancel;
  const said = { ...words.money.cancel, more: subscription.scheduledChange ? `${more} ${drops}` : more };
  return <Step document={CancelSubscriptionDocument} said={said} />;
}

interface StepProps {
  document: typeof CancelSubscriptionDocument | typeof ResumeSubscriptionDocument | typeof CancelScheduledChangeDocument;
  said: { button: string; title: string; more: string; done: string; dismiss?: string; danger?: boolean };
}

function Step({ document, said }: StepProps) {
  const { id } = useOrganization();
  const [asked, setAsked] = useState(false);
  return (
    <>
      <Button kind={said.danger ? "quiet danger" : "quiet"} onClick={() => setAsked(true)}>
        {said.button}
      </Button>
      {asked && (
        <Sure
          document={document as typeof CancelSubscriptionDocument}
          input={{ organizationId: id }}
          title={said.title}
          more={said.more}
          action={said.button}
          dismiss={said.dismiss}
          said={said.done}
          calm={!said.danger}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  );
}
