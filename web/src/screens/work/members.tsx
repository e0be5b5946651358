import { useState } from "preact/hooks";
import { MembersDocument, type MembersQuery, type Role } from "../../../generated/work/graphql";
import { usePages } from "../../data/pages";
import { useMay, useOrganization, useSession } from "../../data/session";
import { Badge } from "../../parts/badge";
import { Button } from "../../parts/button";
import { List } from "../../parts/list";
import { Page } from "../../parts/page";
import { Person } from "../../parts/people";
import { Empty } from "../../parts/states";
import { useFormats, useWords } from "../../words";
import { InviteMembers } from "./invite-members";
import { ChangeRole, LeaveOrganization, type Member, RemoveMember, Transfer } from "./member";
import { MemberInvitations } from "./member-invitations";

const pick = (data: MembersQuery) => data.organization?.members;

/** The people of the organization. */
export default function Members() {
  const words = useWords();
  const { slug } = useOrganization();
  const may = useMay();
  const [inviting, setInviting] = useState(false);
  const list = usePages(MembersDocument, { slug }, pick);
  const columns = [
    { label: words.members.person },
    { label: words.members.role },
    { label: words.members.teams },
    { label: words.members.joined },
    { label: words.members.actions, quiet: true },
  ];
  const invite = may("MANAGE_MEMBERS") && (
    <Button kind="primary" onClick={() => setInviting(true)}>
      {words.members.invite}
    </Button>
  );
  return (
    <Page title={words.members.title} lead={words.members.lead} actions={invite}>
      {may("MANAGE_MEMBERS") && <MemberInvitations />}
      <List
        title={words.members.title}
        unnamed
        columns={columns}
        list={list}
        empty={<Empty icon="people" title={words.none} />}
        row={(member) => <Row member={member} key={member.id} />}
      />
      {inviting && <InviteMembers onClose={() => setInviting(false)} />}
    </Page>
  );
}

type Asked = "change" | "remove" | "leave" | "transfer";

function Row({ member }: { member: Member }) {
  const words = useWords();
  const { day, list } = useFormats();
  const { viewer } = useSession();
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = () => setAsked(null);
  const mine = member.user.email === viewer?.email;
  return (
    <tr>
      <td class="head">
        <Person name={member.user.name} email={member.user.email} note={mine ? words.you : undefined} />
      </td>
      <td data-label={words.members.role}>
        <Roles roles={member.roles} />
      </td>
      <td data-label={words.members.teams}>{list(member.teams?.map(({ name }) => name) ?? [])}</td>
      <td class="nowrap" data-label={words.members.joined}>
        {day(member.joinedAt)}
      </td>
      <td class="act">
        <Actions member={member} mine={mine} onAsk={setAsked} />
        {asked === "change" && <ChangeRole member={member} onClose={close} />}
        {asked === "remove" && <RemoveMember member={member} onClose={close} />}
        {asked === "leave" && <LeaveOrganization onClose={close} />}
        {asked === "transfer" && <Transfer member={member} onClose={close} />}
      </td>
    </tr>
  );
}

interface ActionsProps {
  member: Member;
  mine: boolean;
  onAsk: (what: Asked) => void;
}

function Actions({ member, mine, onAsk }: ActionsProps) {
  const words = useWords();
  const may = useMay();
  const { name } = member.user;
  if (mine) {
    return (
      <Button kind="quiet danger" aria-label={words.members.leave} onClick={() => onAsk("leave")}>
        {words.managers.leave}
      </Button>
    );
  }
  const owner = member.roles.includes("OWNER");
  // Only owners change owners.
  if (!may(owner ? "TRANSFER_ORGANIZATION" : "MANAGE_MEMBERS")) return null;
  return (
    <>
      {may("TRANSFER_ORGANIZATION") && !owner && (
        <Button kind="quiet" aria-label={words.members.transferOf(name)} onClick={() => onAsk("transfer")}>
          {words.members.transfer}
        </Button>
      )}
      <Button kind="quiet" aria-label={words.members.changeOf(name)} onClick={() => onAsk("change")}>
        {words.members.change}
      </Button>
      <Button kind="quiet danger" aria-label={words.managers.removeOf(name)} onClick={() => onAsk("remove")}>
        {words.members.remove}
      </Button>
    </>
  );
}

export function Roles({ roles }: { roles: Role[] }) {
  const words = useWords();
  return (
    <span class="badges">
      {roles.map((role) => (
        <Badge tone={role === "OWNER" ? "accent" : "plain"} key={role}>
          {words.roles[role]}
        </Badge>
      ))}
    </span>
  );
}
