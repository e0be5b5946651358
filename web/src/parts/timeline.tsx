import type { ComponentChildren } from "preact";
import { Card } from "./card";
import { type ListOf, More } from "./more";
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
  const { nodes, error, again, more } = list;
  return (
    <Card title={title} unnamed={unnamed} footer={more && <More list={list} />}>
      {!nodes && (error ? <Failure error={error} again={again} /> : <Skeleton />)}
      {nodes?.length === 0 && empty}
      {nodes && nodes.length > 0 && <ol class="timeline">{nodes.map(line)}</ol>}
    </Card>
  );
}
