import type { CombinedError } from "@urql/core";
import { useWords } from "../words";
import { Button } from "./button";

/** What usePages gives. */
export interface ListOf<Node> {
  nodes: Node[] | null | undefined;
  error: CombinedError | undefined;
  again: () => void;
  more: (() => void) | undefined;
  busy: boolean;
  /** The next page did not come; it can be asked for again. */
  stuck: boolean;
}

/** Leads on in a list that is not whole. */
export function More({ list: { more, busy, stuck } }: { list: Pick<ListOf<unknown>, "more" | "busy" | "stuck"> }) {
  const words = useWords();
  if (!more) return null;
  return (
    <>
      {stuck && (
        <span class="wrong" role="alert">
          {words.moreFailed}
        </span>
      )}
      <Button kind="quiet" busy={busy} onClick={more}>
        {words.more}
      </Button>
    </>
  );
}
