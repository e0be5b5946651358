import { useEffect, useState } from "preact/hooks";
import { Labelled } from "./form";
import { type ListOf, More } from "./more";

interface Props<Node> {
  name: string;
  label: string;
  /** A list in pages, of which all are read: one can only choose what is there. */
  list: Pick<ListOf<Node>, "nodes" | "more" | "busy" | "stuck">;
  said: (node: Node) => string;
  /** What stands for none; without it, one has to be chosen. */
  none?: string;
}

/** One of the things of a list. */
export function Choose<Node extends { id: string }>({ name, label, list, said, none }: Props<Node>) {
  const { nodes, more, busy, stuck } = list;
  // Kept here: while the list is read anew, what was chosen may not be among its options.
  const [chosen, choose] = useState("");
  useEffect(() => {
    if (more && !busy && !stuck) more();
  }, [more, busy, stuck]);
  const value = chosen || (none === undefined ? nodes?.[0]?.id : "");
  return (
    <Labelled name={name} label={label}>
      {(ids) => (
        <>
          <select
            class="input"
            name={name}
            required={none === undefined || !!chosen}
            value={value}
            onChange={(event) => choose(event.currentTarget.value)}
            {...ids}
          >
            {none !== undefined && <option value="">{none}</option>}
            {nodes?.map((node) => (
              <option value={node.id} key={node.id}>
                {said(node)}
              </option>
            ))}
          </select>
          {stuck && <More list={list} />}
        </>
      )}
    </Labelled>
  );
}
