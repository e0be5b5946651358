import { useEffect } from "preact/hooks";
import type { Viewer } from "../data/session";
import { Gate } from "../parts/gate";
import { navigate } from "../router";
import { useWords } from "../words";
import { SignOut } from "./account/sign-out";

/** Leads to the first organization, if there is one. */
export function Home({ viewer }: { viewer: Viewer }) {
  const words = useWords();
  const [first] = viewer.organizations;
  useEffect(() => {
    if (first) navigate(`/o/${first.slug}`, { replace: true });
  }, [first]);
  if (first) return null;
  return (
    <Gate title={words.noOrganization} lead={words.noOrganizationMore}>
      <div class="form">
        <a class="button primary wide" href="/new">
          {words.newOrganization}
        </a>
        <SignOut />
      </div>
    </Gate>
  );
}
