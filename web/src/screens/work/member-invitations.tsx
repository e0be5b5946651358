import { useState } from "preact/hooks";
import {
  MemberInvitationsDocument,
  type MemberInvitationsQuery,
  ResendMemberInvitationDocument,
  RevokeMemberInvitationDocument,
} from "../../../generated/work/graphql";
import { usePages } from "../../data/pages";
import { useOrganization } from "../../data/session";
import { Sure, useAtOnce } from "../../parts/ask";
import { Button } from "../../parts/button";
import { List } from "../../parts/list";
import { useActor } from "../../parts/people";
import { useFormats, useWords } from "../../words";
import { Roles } from "./members";

type Invitation = NonNullable<
  NonNullable<MemberInvitationsQuery["organization"]>["memberInvitations"]
>["nodes"][number];

const pick = (data: MemberInvitationsQuery) => data.organization?.memberInvitations;

/** Who was invited to join and has not answered; nothing if nobody was. */
export function MemberInvitations() {
  const words = useWords();
  const { slug } = useOrganization();
  const list = usePages(MemberInvitationsDocument, { slug }, pick);
  const columns = [
    { label: words.managers.address },
    { label: words.members.role },
    { label: words.managers.expires },
    { label: words.managers.invitedBy },
    { label: words.members.actions, quiet: true },
  ];
  if (!list.nodes?.length) return null;
  return (
    <List
      title={words.members.pending}
      columns={columns}
      list={list}
      empty={null}
      row={(invitation) => <Row invitation={invitation} key={invitation.id} />}
    />
  );
}

function Row({ invitation }: { invitation: Invitation }) {
  const words = useWords();
  const { moment } = useFormats();
  const actor = useActor();
  const [revoking, setRevoking] = useState(false);
  const [resend, busy] = useAtOnce(ResendMemberInvitationDocument);
  const { id, email } = invitation;
  return (
    <tr>
      <td class="head">{email}</td>
      <td data-label={words.members.role}>
        <Roles roles={[invitation.role]} />
      </td>
      <td data-label={words.managers.expires}>{moment(invitation.expiresAt)}</td>
      <td data-label={words.managers.invitedBy}>{actor(invitation.invitedBy)}</td>
      <td class="act">
        <Button
          kind="quiet"
          busy={busy}
          aria-label={words.managers.resendOf(email)}
          onClick={() => void resend({ memberInvitationId: id }, words.managers.resent(email))}
        >
          {words.managers.resend}
        </Button>
        <Button kind="quiet danger" aria-label={words.managers.revokeOf(email)} onClick={() => setRevoking(true)}>
          {words.managers.revoke}
        </Button>
        {revoking && (
          <Sure
            document={RevokeMemberInvitationDocument}
            input={{ memberInvitationId: id }}
            title={words.managers.revokeTitle(email)}
            more={words.managers.revokeMore}
            action={words.managers.revoke}
            said={words.managers.revoked(email)}
            onClose={() => setRevoking(false)}
          />
        )}
      </td>
    </tr>
  );
}
