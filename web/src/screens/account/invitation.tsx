import { useQuery } from "@urql/preact";
import { useMemo, useState } from "preact/hooks";
import {
  AcceptInvitationDocument,
  DeclineInvitationDocument,
  LookAtInvitationDocument,
  SignInDocument,
} from "../../../generated/account/graphql";
import { type Refusal, useChange } from "../../data/change";
import { useToken } from "../../data/link";
import { useSession } from "../../data/session";
import { GateToCome } from "../../parts/arriving";
import { Button } from "../../parts/button";
import { Confirm } from "../../parts/dialog";
import { Refusals, useRefusal } from "../../parts/form";
import { Gate } from "../../parts/gate";
import { Failure } from "../../parts/states";
import { useSay } from "../../parts/toast";
import { navigate } from "../../router";
import { useFormats, useWords } from "../../words";
import { Credentials } from "./sign-in";
import { SignOut } from "./sign-out";
import { NewAccount } from "./sign-up";

interface Props {
  kind: "invitation" | "join";
}

/** Where an invitation's link leads: look first, then accept or decline. */
export function InvitationLink({ kind }: Props) {
  const words = useWords();
  const { day } = useFormats();
  const token = useToken();
  const { viewer } = useSession();
  const [invalid, setInvalid] = useState(!token);
  const [declined, setDeclined] = useState(false);
  // What a link shows depends on who looks, so it is asked anew when that changes.
  const context = useMemo(() => ({ requestPolicy: "network-only" as const, viewer: viewer?.id }), [viewer?.id]);
  const [{ data, error, fetching }, again] = useQuery({
    query: LookAtInvitationDocument,
    variables: { token },
    pause: !token,
    context,
  });
  if (declined) return <Gate title={words.invitation.declined} lead={words.invitation.declinedMore} />;
  if (error) {
    return (
      <Gate title={words.failed}>
        <Failure error={error} again={() => again({ requestPolicy: "network-only" })} />
      </Gate>
    );
  }
  if (fetching) return <GateToCome />;
  const preview = data?.invitation;
  if (invalid || !preview) return <Invalid />;
  const said = kind === "join" ? words.invitation.member : words.invitation.billing;
  return (
    <Gate
      title={said(preview.organizationName)}
      lead={
        <>
          <p>{kind === "join" ? words.invitation.memberLead : words.invitation.billingLead}</p>
          <p>
            {words.invitation.to(preview.maskedEmail)} {words.invitation.until(day(preview.expiresAt))}
          </p>
        </>
      }
    >
      {viewer ? <Answer token={token} onInvalid={() => setInvalid(true)} /> : <Enter />}
      <Decline token={token} onDone={() => setDeclined(true)} onInvalid={() => setInvalid(true)} />
    </Gate>
  );
}

function Invalid() {
  const words = useWords();
  const { viewer } = useSession();
  return (
    <Gate title={words.invitation.invalid} lead={words.invitation.invalidMore}>
      <div class="form">
        {viewer && (
          <>
            <p>{words.invitation.signedInAs(viewer.email)}</p>
            <SignOut stay />
          </>
        )}
        <a class="button wide" href="/">
          {words.home}
        </a>
      </div>
    </Gate>
  );
}

/** Somebody is signed in: one click. */
function Answer({ token, onInvalid }: { token: string; onInvalid: () => void }) {
  const words = useWords();
  const { viewer, refresh } = useSession();
  const [run, busy] = useChange(AcceptInvitationDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const accept = async () => {
    const done = await run({ token });
    setRefusals(done.refusals);
    if (done.refusals.some(({ code }) => code === "INVALID_INVITATION")) return onInvalid();
    const joined = done.payload?.organization;
    if (!joined) return;
    await refresh();
    navigate(`/o/${joined.slug}`, { replace: true });
  };
  return (
    <div class="form">
      <p class="small muted">{viewer && words.invitation.signedInAs(viewer.email)}</p>
      <Refusals refusals={refusals} />
      <Button kind="wide primary" busy={busy} onClick={accept}>
        {words.invitation.accept}
      </Button>
      <SignOut stay />
    </div>
  );
}

/** Nobody is signed in: with an account, or with a new one. */
function Enter() {
  const words = useWords();
  const { refresh } = useSession();
  const say = useSay();
  const refusal = useRefusal();
  const [isNew, setNew] = useState(false);
  const [signIn] = useChange(SignInDocument);
  const enter = async (made: { email: string; password: string }) => {
    const done = await signIn(made);
    if (await refresh()) return;
    setNew(false); // the address had an account: its password is another
    const [refused] = done.refusals;
    if (refused) say(refusal(refused));
  };
  return (
    <div class="form">
      <p>{words.invitation.signInFirst}</p>
      <div class="actions even" role="group" aria-label={words.invitation.signInFirst}>
        <Button aria-pressed={!isNew} onClick={() => setNew(false)}>
          {words.invitation.haveAccount}
        </Button>
        <Button aria-pressed={isNew} onClick={() => setNew(true)}>
          {words.invitation.noAccount}
        </Button>
      </div>
      {isNew ? <NewAccount onDone={enter} /> : <Credentials />}
    </div>
  );
}

function Decline({ token, onDone, onInvalid }: { token: string; onDone: () => void; onInvalid: () => void }) {
  const words = useWords();
  const [asked, setAsked] = useState(false);
  const [run, busy] = useChange(DeclineInvitationDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const decline = async () => {
    const done = await run({ token });
    setRefusals(done.refusals);
    if (done.refusals.some(({ code }) => code === "INVALID_INVITATION")) return onInvalid();
    if (done.payload && !done.refusals.length) onDone();
  };
  return (
    <>
      <Button kind="quiet" onClick={() => setAsked(true)}>
        {words.invitation.decline}
      </Button>
      {asked && (
        <Confirm
          title={words.invitation.declineTitle}
          more={words.invitation.declineMore}
          action={words.invitation.decline}
          busy={busy}
          refusals={refusals}
          onConfirm={decline}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  );
}
