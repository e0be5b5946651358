import { useState } from "preact/hooks";
import {
  type PlansPageQuery,
  ResendBillingInvitationDocument,
  RevokeBillingInvitationDocument,
} from "../../../generated/billing/graphql";
import { Sure, useAtOnce } from "../../parts/ask";
import { Button } from "../../parts/button";
import { useActor } from "../../parts/people";
import { Table } from "../../parts/table";
import { useFormats, useWords } from "../../words";

export type Invitation = NonNullable<
  NonNullable<PlansPageQuery["organization"]>["billingInvitations"]
>["nodes"][number];

/** Who was invited and has not answered. */
export function Invitations({ invitations, manage }: { invitations: Invitation[]; manage: boolean }) {
  const words = useWords();
  const [revoking, setRevoking] = useState<Invitation | null>(null);
  const columns = [
    { label: words.managers.address },
    { label: words.managers.sentOn },
    { label: words.managers.expires },
    { label: words.managers.invitedBy },
    { label: words.managers.actions, quiet: true },
  ];
  return (
    <div class="sub">
      <h3>{words.managers.pending}</h3>
      <Table label={words.managers.pending} columns={columns}>
        {invitations.map((one) => (
          <Row invitation={one} manage={manage} onRevoke={() => setRevoking(one)} key={one.id} />
        ))}
      </Table>
      {revoking && <Revoke invitation={revoking} onClose={() => setRevoking(null)} />}
    </div>
  );
}

interface RowProps {
  invitation: Invitation;
  manage: boolean;
  onRevoke: () => void;
}

function Row({ invitation, manage, onRevoke }: RowProps) {
  const words = useWords();
  const { day, moment } = useFormats();
  const actor = useActor();
  const [resend, busy] = useAtOnce(ResendBillingInvitationDocument);
  return (
    <tr>
      <td class="head">{invitation.email}</td>
      <td data-label={words.managers.sentOn}>{day(invitation.createdAt)}</td>
      <td data-label={words.managers.expires}>{moment(invitation.expiresAt)}</td>
      <td data-label={words.managers.invitedBy}>{actor(invitation.invitedBy)}</td>
      <td class="act">
        {manage && (
          <>
            <Button
              kind="quiet"
              busy={busy}
              aria-label={words.managers.resendOf(invitation.email)}
              onClick={() => void resend({ billingInvitationId: invitation.id }, words.managers.resent(invitation.email))}
            >
              {words.managers.resend}
            </Button>
            <Button kind="quiet danger" aria-label={words.managers.revokeOf(invitation.email)} onClick={onRevoke}>
              {words.managers.revoke}
            </Button>
          </>
        )}
      </td>
    </tr>
  );
}

function Revoke({ invitation, onClose }: { invitation: Invitation; onClose: () => void }) {
  const words = useWords();
  return (
    <Sure
      document={RevokeBillingInvitationDocument}
      input={{ billingInvitationId: invitation.id }}
      title={words.managers.revokeTitle(invitation.email)}
      more={words.managers.revokeMore}
      action={words.managers.revoke}
      said={words.managers.revoked(invitation.email)}
      onClose={onClose}
    />
  );
}
