import type { ComponentChildren } from "preact";
import { Card } from "./card";
import { type ListOf, More } from "./more";
import { Failure, Skeleton } from "./states";
import { type Column, Table } from "./table";

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
  const { nodes, error, again, more } = list;
  return (
    <Card title={title} unnamed={unnamed} {...(lead ? { lead } : {})} actions={actions} footer={more && <More list={list} />} flush>
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
