import { createContext } from "preact";
import { useCallback, useContext, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { headersFor } from "./client";
import { events } from "./events";

const subscription = "subscription Changes($id: ID!) { organizationChanged(organizationId: $id) { kind at } }";
const settling = 120; // milliseconds in which several changes are one
const first = 500; // milliseconds before it is opened again; doubled each time
const longest = 10_000;

interface Change {
  data?: { organizationChanged: { kind: string } } | null;
  errors?: unknown[];
}

/** How often something changed; who shows something asks again with each count. `cut` while nothing can be heard. */
export const Live = createContext({ count: 0, touch: () => {}, cut: false });

export const useLive = () => useContext(Live);

/** Changes after which the viewer may be somebody else there. */
const ofRoles = new Set(["MEMBERS", "BILLING_MANAGERS"]);

/** Counts what changes in an organization. `recheck` is called when what the viewer may do there may be another. */
export function useChanges(id: string, slug: string, recheck: () => void) {
  const [count, setCount] = useState(0);
  const [cut, setCut] = useState(false);
  const timer = useRef<number | undefined>(undefined);
  const touch = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setCount((before) => before + 1), settling);
  }, []);
  useEffect(() => {
    const changed = (kind?: string) => {
      touch();
      if (!kind || ofRoles.has(kind)) recheck();
    };
    const stop = listen(id, slug, { changed, ended: recheck, cut: setCut });
    return () => {
      clearTimeout(timer.current);
      stop();
    };
  }, [id, slug, touch, recheck]);
  return useMemo(() => ({ count, touch, cut }), [count, touch, cut]);
}

interface Ear {
  changed: (kind?: string) => void;
  ended: () => void;
  cut: (is: boolean) => void;
}

/** Hears until it is stopped: a stream that breaks off or ends is opened again, later each time. */
function listen(id: string, slug: string, ear: Ear): () => void {
  let stopped = false;
  let stream: AsyncIterableIterator<Change> | undefined;
  let timer: number | undefined;
  const asked = { query: subscription, variables: { id } };
  const hear = async (pause: number) => {
    let open = false;
    timer = undefined;
    const opened = () => {
      open = true;
      ear.cut(false);
      if (pause) ear.changed(); // what was missed in between
    };
    try {
      stream = events<Change>(fetch, asked, headersFor(slug), opened);
      for await (const change of stream) {
        if (stopped || !change.data) break;
        ear.changed(change.data.organizationChanged.kind);
      }
      if (!stopped) ear.ended();
    } catch {
      if (pause && !open && !stopped) ear.cut(true);
    }
    const wait = open ? first : Math.min(longest, pause * 2 || first);
    if (!stopped) timer = window.setTimeout(() => void hear(wait), wait * (0.5 + Math.random()));
  };
  const now = () => {
    if (timer === undefined) return;
    clearTimeout(timer);
    void hear(first);
  };
  addEventListener("online", now);
  void hear(0);
  return () => {
    stopped = true;
    clearTimeout(timer);
    removeEventListener("online", now);
    void stream?.return?.();
  };
}
