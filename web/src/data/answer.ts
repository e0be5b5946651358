import type { AnyVariables, CombinedError, TypedDocumentNode } from "@urql/core";
import { useQuery } from "@urql/preact";
import { useEffect, useRef } from "preact/hooks";
import { withPeople } from "./actors";
import { useLive } from "./live";
import { isRefused } from "./refused";
import { useMay, useSession } from "./session";

export interface Answer<Data> {
  data: Data | undefined;
  error: CombinedError | undefined;
  fetching: boolean;
  again: () => void;
}

/** What the server says, asked again whenever something changes; what it said before, while it does not answer. */
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
  const kept = useKept(data, JSON.stringify(variables));
  const shown = data ?? (error ? kept : undefined);
  return { data: lost ? undefined : shown, error, fetching, again: () => ask({ requestPolicy: "network-only" }) };
}

/** The last answer to the same question. */
function useKept<Data>(data: Data | undefined, question: string): Data | undefined {
  const last = useRef<{ question: string; data: Data } | undefined>(undefined);
  if (data) last.current = { question, data };
  return last.current?.question === question ? last.current.data : undefined;
}

/** Whether this is the answer of somebody who may see less than before: then who looks is asked anew. */
function isLost(data: unknown, error: CombinedError | undefined): boolean {
  const hidden = isRefused(error);
  return hidden || (!!data && typeof data === "object" && "organization" in data && data.organization === null);
}
