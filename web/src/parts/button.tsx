import type { ButtonHTMLAttributes } from "preact";

type Props = ButtonHTMLAttributes & { kind?: "primary" | "danger" | "quiet" | "quiet danger" | "wide primary"; busy?: boolean };

/** A button that keeps its place and its focus while it works. */
export function Button({ kind, busy, class: more, onClick, type = "button", ...rest }: Props) {
  return (
    <button
      {...rest}
      type={type}
      class={["button", kind, more].filter(Boolean).join(" ")}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    />
  );
}
