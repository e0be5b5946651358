import type { ComponentChildren } from "preact";

export interface Column {
  label: string;
  /** For numbers, which are compared by their ends. */
  number?: boolean;
  /** Said, but not shown: of the buttons of each row. */
  quiet?: boolean;
}

/** A table whose rows become small cards on narrow screens. */
export function Table({ label, columns, children }: { label: string; columns: Column[]; children: ComponentChildren }) {
  return (
    <table class="table" aria-label={label}>
      <thead>
        <tr>
          {columns.map((one) => (
            <th scope="col" class={one.number ? "number" : undefined} key={one.label}>
              {one.quiet ? <span class="hidden">{one.label}</span> : one.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}
