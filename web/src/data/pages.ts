import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { useClient } from "@urql/preact";
import { useCallback, useState } from "preact/hooks";
import { withPeople } from "./actors";
import { useAnswer } from "./answer";
import { useMay } from "./session";

interface Connection<Node> {
  nodes: Node[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/** What was read behind a beginning, and whether the next page did not come. */
interface Further<Node> {
  of: unknown;
  pages: Connection<Node>[];
  stuck: boolean;
}

/** A list that can grow: its first page, which is asked anew when something changes, and what was read behind it. */
export function usePages<Data, Variables extends AnyVariables, Node extends { id: string }>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  pick: (data: Data) => Connection<Node> | null | undefined,
) {
  const client = useClient();
  const may = useMay();
  const first = useAnswer(document, variables);
  const [further, setFurther] = useState<Further<Node>>({ of: null, pages: [], stuck: false });
  const [busy, setBusy] = useState(false);
  const beginning = first.data && pick(first.data);
  // When the list changes, what was read behind its old beginning is not to be trusted.
  const { pages, stuck } = further.of === beginning ? further : { pages: [], stuck: false };
  const last = pages.at(-1) ?? beginning;
  const more = useCallback(async () => {
    setBusy(true);
    const query = may("VIEW_MEMBERS") ? withPeople(document) : document;
    const answer = await client.query(query, { ...variables, after: last?.pageInfo.endCursor } as Variables).toPromise();
    const page = answer.data && pick(answer.data);
    setFurther({ of: beginning, pages: page ? [...pages, page] : pages, stuck: !page });
    setBusy(false);
  }, [client, document, variables, last, beginning, pages, pick, may]);
  return {
    nodes: beginning && [...beginning.nodes, ...pages.flatMap(({ nodes }) => nodes)],
    error: first.error,
    again: first.again,
    more: last?.pageInfo.hasNextPage ? more : undefined,
    busy,
    stuck,
  };
}
