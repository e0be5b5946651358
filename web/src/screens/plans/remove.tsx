import { useState } from "preact/hooks";
import { LeaveBillingDocument, RemoveBillingManagerDocument } from "../../../generated/billing/graphql";
import { type Refusal, useKeyedChange } from "../../data/change";
import { useOrganization, useSession } from "../../data/session";
import { Confirm } from "../../parts/dialog";
import { useSay } from "../../parts/toast";
import { useWords } from "../../words";
import type { Manager } from "./managers";

/** Ends somebody's role, once that was confirmed. */
export function Remove({ manager, onClose }: { manager: Manager; onClose: () => void }) {
  const words = useWords();
  const say = useSay();
  const [run, busy] = useKeyedChange(RemoveBillingManagerDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const remove = async () => {
    const done = await run({ billingManagerId: manager.id });
    setRefusals(done.refusals);
    if (!done.payload?.removedBillingManagerId) return;
    say(words.managers.removed(manager.name));
    onClose();
  };
  return (
    <Confirm
      title={words.managers.removeTitle(manager.name)}
      more={words.managers.removeMore}
      action={words.managers.remove}
      busy={busy}
      refusals={refusals}
      onConfirm={remove}
      onClose={onClose}
    />
  );
}

/** Ends one's own role. */
export function Leave({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const { id } = useOrganization();
  const { refresh } = useSession();
  const [run, busy] = useKeyedChange(LeaveBillingDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const leave = async () => {
    const done = await run({ organizationId: id });
    setRefusals(done.refusals);
    if (done.payload?.removedBillingManagerId) await refresh();
  };
  return (
    <Confirm
      title={words.managers.leaveTitle}
      more={words.managers.leaveMore}
      action={words.managers.leave}
      busy={busy}
      refusals={refusals}
      onConfirm={leave}
      onClose={onClose}
    />
  );
}
