import { SignOutDocument } from "../../../generated/account/graphql";
import { useChange } from "../../data/change";
import { useSession } from "../../data/session";
import { Button } from "../../parts/button";
import { navigate } from "../../router";
import { useWords } from "../../words";

/** `stay` is for pages that somebody else may go on with. */
export function SignOut({ quiet, stay }: { quiet?: boolean; stay?: boolean }) {
  const words = useWords();
  const { refresh } = useSession();
  const [run, busy] = useChange(SignOutDocument);
  const leave = async () => {
    if (!(await run(undefined)).payload) return;
    if (!stay) navigate("/sign-in", { replace: true });
    await refresh();
  };
  return (
    <Button {...(quiet ? { kind: "quiet" as const } : {})} busy={busy} onClick={leave}>
      {stay ? words.invitation.other : words.signOut}
    </Button>
  );
}
