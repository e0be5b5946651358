import { useState } from "preact/hooks";
import type { PlansPageQuery } from "../../../generated/billing/graphql";
import { useMay, useSession } from "../../data/session";
import { Button } from "../../parts/button";
import { Card } from "../../parts/card";
import { Person, useActor } from "../../parts/people";
import { Empty } from "../../parts/states";
import { Table } from "../../parts/table";
import { useFormats, useWords } from "../../words";
import { Invite } from "./invite";
import { type Invitation, Invitations } from "./invitations";
import { Leave, Remove } from "./remove";

export type Manager = NonNullable<
  NonNullable<PlansPageQuery["organization"]>["billingManagers"]
>["nodes"][number];

interface Props {
  managers: Manager[];
  invitations: Invitation[];
}

/** Who looks after the money, and who is invited to. */
export function Managers({ managers, invitations }: Props) {
  const words = useWords();
  const may = useMay();
  const [inviting, setInviting] = useState(false);
  const manage = may("MANAGE_BILLING_MANAGERS");
  const invite = manage && (
    <Button kind="primary" onClick={() => setInviting(true)}>
      {words.managers.invite}
    </Button>
  );
  return (
    <>
      <Card title={words.managers.title} lead={words.managers.lead} actions={managers.length > 0 && invite} flush>
        {managers.length ? (
          <People managers={managers} manage={manage} />
        ) : (
          <Empty icon="people" title={words.managers.none} more={words.managers.noneMore}>
            {invite}
          </Empty>
        )}
        {invitations.length > 0 && <Invitations invitations={invitations} manage={manage} />}
      </Card>
      {inviting && <Invite onClose={() => setInviting(false)} />}
    </>
  );
}

function People({ managers, manage }: { managers: Manager[]; manage: boolean }) {
  const words = useWords();
  const { viewer } = useSession();
  const [leaving, setLeaving] = useState(false);
  const [removing, setRemoving] = useState<Manager | null>(null);
  const columns = [
    { label: words.managers.person },
    { label: words.managers.since },
    { label: words.managers.invitedBy },
    { label: words.managers.actions, quiet: true },
  ];
  return (
    <>
      <Table label={words.managers.title} columns={columns}>
        {managers.map((one) => {
          const mine = one.email === viewer?.email;
          return (
            <Row manager={one} mine={mine} key={one.id}>
              {mine ? (
                <Button kind="quiet danger" onClick={() => setLeaving(true)}>
                  {words.managers.leave}
                </Button>
              ) : (
                manage && (
                  <Button
                    kind="quiet danger"
                    aria-label={words.managers.removeOf(one.name)}
                    onClick={() => setRemoving(one)}
                  >
                    {words.managers.remove}
                  </Button>
                )
              )}
            </Row>
          );
        })}
      </Table>
      {removing && <Remove manager={removing} onClose={() => setRemoving(null)} />}
      {leaving && <Leave onClose={() => setLeaving(false)} />}
    </>
  );
}

interface RowProps {
  manager: Manager;
  mine: boolean;
  children: preact.ComponentChildren;
}

function Row({ manager, mine, children }: RowProps) {
  const words = useWords();
  const { day } = useFormats();
  const actor = useActor();
  return (
    <tr>
      <td class="head">
        <Person name={manager.name} email={manager.email} note={mine ? words.you : undefined} />
      </td>
      <td data-label={words.managers.since}>{day(manager.since)}</td>
      <td data-label={words.managers.invitedBy}>{actor(manager.invitedBy)}</td>
      <td class="act">{children}</td>
    </tr>
  );
}
