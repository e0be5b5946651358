import type { Client, CombinedError } from "@urql/core";
import { createContext } from "preact";
import { useCallback, useContext, useEffect, useMemo, useRef, useState } from "preact/hooks";
import {
  MeDocument,
  type MeQuery,
  MyOrganizationsDocument,
  type MyOrganizationsQuery,
  type Permission,
} from "../../generated/account/graphql";

export type Organization = NonNullable<MyOrganizationsQuery["viewer"]>["organizations"]["nodes"][number];
export type Viewer = Omit<NonNullable<MeQuery["viewer"]>, "organizations"> & { organizations: Organization[] };
export type { Permission };

/** Who looks, as far as is known. `ended` says that somebody was signed in, and is no more. */
export interface Session {
  state: "loading" | "failed" | "known";
  viewer: Viewer | null;
  ended: boolean;
  refresh: () => Promise<Viewer | null>;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("outside of the application");
  return session;
}

/** Asks who is signed in, at the beginning and whenever something hints that it is not so any more. */
export function useWhoLooks(client: Client): Session {
  const [known, setKnown] = useState<Omit<Session, "refresh">>({ state: "loading", viewer: null, ended: false });
  const asked = useRef(0);
  const refresh = useCallback(async () => {
    const mine = ++asked.current;
    const { viewer, error } = await whoLooks(client);
    if (mine === asked.current) setKnown((before) => after(before, viewer, error));
    return viewer;
  }, [client]);
  useEffect(() => void refresh(), [refresh]);
  return useMemo(() => ({ ...known, refresh }), [known, refresh]);
}

async function whoLooks(client: Client): Promise<{ viewer: Viewer | null; error?: CombinedError | undefined }> {
  const me = await client.query(MeDocument, {}, anew).toPromise();
  const viewer = me.data?.viewer;
  if (!viewer) return { viewer: null, error: me.error };
  if (!viewer.organizations.nodes.length) return { viewer: { ...viewer, organizations: [] } };
  const { data, error } = await client.query(MyOrganizationsDocument, {}, anew).toPromise();
  // Refused, not unreachable: the last role went in between.
  const lost = error?.graphQLErrors.length ? undefined : error;
  return { viewer: { ...viewer, organizations: data?.viewer?.organizations.nodes ?? [] }, error: lost };
}

const anew = { requestPolicy: "network-only" } as const;

function after(before: Omit<Session, "refresh">, viewer: Viewer | null, error?: CombinedError) {
  if (error) return before.state === "known" ? before : { ...before, state: "failed" as const };
  return { state: "known" as const, viewer, ended: !viewer && (before.viewer !== null || before.ended) };
}

/** The organization that the page is about, and what the viewer may do there. */
export const OrganizationContext = createContext<Organization | null>(null);

export function useOrganization(): Organization {
  const organization = useContext(OrganizationContext);
  if (!organization) throw new Error("outside of an organization");
  return organization;
}

export function useMay(): (permission: Permission) => boolean {
  const { viewerPermissions } = useOrganization();
  return (permission) => viewerPermissions.includes(permission);
}
