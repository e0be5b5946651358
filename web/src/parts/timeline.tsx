import type { ComponentChildren } from "preact";
import { useWords } from "../words";
import { Button } from "./button";
import { Card } from "./card";
import type { ListOf } from "./list";
import { Failure, Skeleton } from "./states";

interface Props<Node> {
  title: string;
  unnamed?: boolean;
  list: ListOf<Node>;
  empty: ComponentChildren;
  line: (node: Node) => ComponentChildren;
}

/** What happened, newest first. */
export function Timeline<Node>({ title, unnamed = false, list, empty, line }: Props<Node>) {
  const words = useWords();
  const { nodes, error, again, more, busy } = list;
  const footer = more && (
    <Button kind="quiet" busy={busy} onClick={more}>
      {words.more}
    </Button>
  );
  return (
    <Card title={title} unnamed={unnamed} footer={footer}>
      {!nodes && (error ? <Failure error={error} again={again} /> : <Skeleton />)}
      {nodes?.length === 0 && empty}
      {nodes && nodes.length > 0 && <ol class="timeline">{nodes.map(line)}</ol>}
    </Card>
  );
}
