import {
  ChangeMemberRoleDocument,
  LeaveOrganizationDocument,
  type MemberFragment,
  RemoveMemberDocument,
  type Role,
  TransferOrganizationDocument,
} from "../../../generated/work/graphql";
import { useMay, useOrganization, useSession } from "../../data/session";
import { Ask, Sure } from "../../parts/ask";
import { useWords } from "../../words";

export type Member = MemberFragment;

interface Props {
  member: Member;
  onClose: () => void;
}

export function ChangeRole({ member, onClose }: Props) {
  const words = useWords();
  const chosen = member.roles.find((role) => role !== "BILLING_MANAGER") ?? "MEMBER";
  return (
    <Ask
      document={ChangeMemberRoleDocument}
      title={words.members.changeOf(member.user.name)}
      action={words.members.change}
      said={words.members.changed}
      input={({ role }) => ({ memberId: member.id, role: role as Role })}
      onClose={onClose}
    >
      <RoleChoice chosen={chosen} />
    </Ask>
  );
}

const roles = ["OWNER", "ADMIN", "MEMBER"] as const;

/** What somebody becomes; only owners make owners. */
export function RoleChoice({ chosen }: { chosen: Role }) {
  const words = useWords();
  const may = useMay();
  return (
    <fieldset class="fieldset">
      <legend>{words.members.role}</legend>
      {roles
        .filter((role) => role !== "OWNER" || may("TRANSFER_ORGANIZATION"))
        .map((role) => (
          <label class="choice" key={role}>
            <input type="radio" name="role" value={role} defaultChecked={role === chosen} />
            <span>
              <span class="strong">{words.roles[role]}</span>
              <span class="muted small block">{words.members.meanings[role]}</span>
            </span>
          </label>
        ))}
    </fieldset>
  );
}

export function RemoveMember({ member, onClose }: Props) {
  const words = useWords();
  return (
    <Sure
      document={RemoveMemberDocument}
      input={{ memberId: member.id }}
      title={words.members.removeTitle(member.user.name)}
      more={words.members.removeMore}
      action={words.members.remove}
      said={words.members.removed(member.user.name)}
      onClose={onClose}
    />
  );
}

export function LeaveOrganization({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const { id } = useOrganization();
  const { refresh } = useSession();
  return (
    <Sure
      document={LeaveOrganizationDocument}
      input={{ organizationId: id }}
      title={words.members.leaveTitle}
      more={words.members.leaveMore}
      action={words.members.leave}
      onDone={() => void refresh()}
      onClose={onClose}
    />
  );
}

export function Transfer({ member, onClose }: Props) {
  const words = useWords();
  const { id } = useOrganization();
  const { refresh } = useSession();
  return (
    <Sure
      document={TransferOrganizationDocument}
      input={{ organizationId: id, memberId: member.id }}
      title={words.members.transferTitle(member.user.name)}
      more={words.members.transferMore}
      action={words.members.transfer}
      said={words.members.transferred(member.user.name)}
      onDone={() => {
        onClose();
        void refresh();
      }}
      onClose={onClose}
    />
  );
}
