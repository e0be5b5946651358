import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Props {
  title: string;
  actions?: ComponentChildren;
  lead?: string;
  /** Without inner margins, for tables. */
  flush?: boolean;
  /** Without its name, where the page has the same. */
  unnamed?: boolean;
  children: ComponentChildren;
  footer?: ComponentChildren;
}

/** One noun of a page, under its name. */
export function Card({ title, actions, lead, flush, unnamed, children, footer }: Props) {
  const id = useId();
  return (
    <section class="card" {...(unnamed ? { "aria-label": title } : { "aria-labelledby": id })}>
      {!unnamed && (
        <header>
          <div>
            <h2 id={id}>{title}</h2>
            {lead && <p class="muted small">{lead}</p>}
          </div>
          {actions && <div class="actions">{actions}</div>}
        </header>
      )}
      <div class={flush ? "flush" : "inside"}>{children}</div>
      {footer && <footer>{footer}</footer>}
    </section>
  );
}
