import type { AnyVariables, CombinedError, TypedDocumentNode } from "@urql/core";
import { useQuery } from "@urql/preact";
import { useEffect } from "preact/hooks";
import { withPeople } from "./actors";
import { useLive } from "./live";
import { useMay, useSession } from "./session";

export interface Answer<Data> {
  data: Data | undefined;
  error: CombinedError | undefined;
  fetching: boolean;
  again: () => void;
}

/** What the server says, asked again whenever something changes. */
export function useAnswer<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Answer<Data> {
  const { count } = useLive();
  const { refresh } = useSession();
  const may = useMay();
  const query = may("VIEW_MEMBERS") ? withPeople(document) : document;
  const [{ data, error, fetching }, ask] = useQuery<Data, Variables>({ query, variables } as never);
  useEffect(() => {
    if (count) ask({ requestPolicy: "network-only" });
  }, [count, ask]);
  const lost = isLost(data, error);
  useEffect(() => {
    if (lost) void refresh();
  }, [lost, refresh]);
  return { data: lost ? undefined : data, error, fetching, again: () => ask({ requestPolicy: "network-only" }) };
}

/** Whether this is the answer of somebody who may see less than before: then who looks is asked anew. */
function isLost(data: unknown, error: CombinedError | undefined): boolean {
  const hidden = error?.graphQLErrors.some(({ extensions }) => codes.has(String(extensions["code"])));
  return hidden || (!!data && typeof data === "object" && "organization" in data && data.organization === null);
}

const codes = new Set(["GRAPHQL_VALIDATION_FAILED", "FORBIDDEN", "UNAUTHENTICATED", "CSRF"]);
