import { LeaveBillingDocument, RemoveBillingManagerDocument } from "../../../generated/billing/graphql";
import { useOrganization, useSession } from "../../data/session";
import { Sure } from "../../parts/ask";
import { useWords } from "../../words";
import type { Manager } from "./managers";

/** Ends somebody's role, once that was confirmed. */
export function Remove({ manager, onClose }: { manager: Manager; onClose: () => void }) {
  const words = useWords();
  return (
    <Sure
      document={RemoveBillingManagerDocument}
      input={{ billingManagerId: manager.id }}
      title={words.managers.removeTitle(manager.name)}
      more={words.managers.removeMore}
      action={words.managers.remove}
      said={words.managers.removed(manager.name)}
      onClose={onClose}
    />
  );
}

/** Ends one's own role. */
export function Leave({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const { id } = useOrganization();
  const { refresh } = useSession();
  return (
    <Sure
      document={LeaveBillingDocument}
      input={{ organizationId: id }}
      title={words.managers.leaveTitle}
      more={words.managers.leaveMore}
      action={words.managers.leave}
      onDone={() => {
        onClose(); // an administrator stays
        void refresh();
      }}
      onClose={onClose}
    />
  );
}
