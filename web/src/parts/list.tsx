import type { CombinedError } from "@urql/core";
import type { ComponentChildren } from "preact";
import { useWords } from "../words";
import { Button } from "./button";
import { Card } from "./card";
import { Failure, Skeleton } from "./states";
import { type Column, Table } from "./table";

/** What usePages gives. */
export interface ListOf<Node> {
  nodes: Node[] | null | undefined;
  error: CombinedError | undefined;
  again: () => void;
  more: (() => void) | undefined;
  busy: boolean;
}

interface Props<Node> {
  title: string;
  unnamed?: boolean;
  lead?: string;
  actions?: ComponentChildren;
  columns: Column[];
  empty: ComponentChildren;
  row: (node: Node) => ComponentChildren;
  list: ListOf<Node>;
}

/** A list of the server as a table: it is there, comes, failed, or is empty. */
export function List<Node>({ title, unnamed = false, lead, actions, columns, empty, row, list }: Props<Node>) {
  const words = useWords();
  const { nodes, error, again, more, busy } = list;
  const footer = more && (
    <Button kind="quiet" busy={busy} onClick={more}>
      {words.more}
    </Button>
  );
  return (
    <Card title={title} unnamed={unnamed} {...(lead ? { lead } : {})} actions={actions} footer={footer} flush>
      {!nodes && (error ? <Failure error={error} again={again} /> : <Skeleton />)}
      {nodes?.length === 0 && empty}
      {nodes && nodes.length > 0 && (
        <Table label={title} columns={columns}>
          {nodes.map(row)}
        </Table>
      )}
    </Card>
  );
}
