import { useEffect } from "preact/hooks";
import { Labelled } from "./form";

interface Props<Node> {
  name: string;
  label: string;
  /** A list in pages, of which all are read: one can only choose what is there. */
  list: { nodes: Node[] | null | undefined; more: (() => Promise<void>) | undefined; busy: boolean };
  said: (node: Node) => string;
  /** What stands for none; without it, one has to be chosen. */
  none?: string;
}

/** One of the things of a list. */
export function Choose<Node extends { id: string }>({ name, label, list, said, none }: Props<Node>) {
  const { nodes, more, busy } = list;
  useEffect(() => {
    if (more && !busy) void more();
  }, [more, busy]);
  return (
    <Labelled name={name} label={label}>
      {(ids) => (
        <select class="input" name={name} required={none === undefined} {...ids}>
          {none !== undefined && <option value="">{none}</option>}
          {nodes?.map((node) => (
            <option value={node.id} key={node.id}>
              {said(node)}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}
