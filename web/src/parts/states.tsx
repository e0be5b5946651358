import type { CombinedError } from "@urql/core";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useLive } from "../data/live";
import { useWords } from "../words";
import { Button } from "./button";
import { Icon, type IconName } from "./icon";

/** Stands where something will be. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  const words = useWords();
  return (
    <div class="stack inside" role="status">
      <span class="hidden">{words.loading}</span>
      {Array.from({ length: lines }, (_, line) => (
        <div class="skeleton" key={line} style={{ height: "1.25rem", width: `${90 - line * 17}%` }} />
      ))}
    </div>
  );
}

interface EmptyProps {
  icon: IconName;
  title?: string;
  more?: string;
  children?: ComponentChildren;
}

/** Says that there is nothing, why, and what to do about it. */
export function Empty({ icon, title, more, children }: EmptyProps) {
  return (
    <div class="empty">
      <Icon name={icon} />
      {title && <h3>{title}</h3>}
      {more && <p>{more}</p>}
      {children}
    </div>
  );
}

/** Why something is not shown, and a way to try again. */
export function Failure({ error, again }: { error: CombinedError; again: () => void }) {
  const words = useWords();
  const request = error.graphQLErrors.map(({ extensions }) => extensions["requestId"]).find(Boolean);
  const unreachable = !!error.networkError;
  return (
    <div class="empty" role="alert">
      <Icon name="cloud" />
      <h3>{unreachable ? words.unreachable : words.failed}</h3>
      <p>{unreachable ? words.unreachableMore : words.failedMore}</p>
      {request ? <code>{String(request)}</code> : null}
      <Button onClick={again}>{words.retry}</Button>
    </div>
  );
}

/** Says that the browser has no network, or that the server does not answer. */
export function Offline() {
  const words = useWords();
  const { cut } = useLive();
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const look = () => setOnline(navigator.onLine);
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  if (online && !cut) return null;
  return (
    <div class="notice warn" role="status">
      {online ? words.cut : words.offline}
    </div>
  );
}
