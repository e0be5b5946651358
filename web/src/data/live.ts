import { createContext } from "preact";
import { useCallback, useContext, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { headersFor } from "./client";
import { events } from "./events";

const subscription = "subscription Changes($id: ID!) { organizationChanged(organizationId: $id) { kind at } }";
const settling = 120; // milliseconds in which several changes are one
const longest = 30_000;

interface Change {
  data?: { organizationChanged: { kind: string } } | null;
  errors?: unknown[];
}

/** How often something changed; who shows something asks again with each count. */
export const Live = createContext({ count: 0, touch: () => {} });

export const useLive = () => useContext(Live);

/** Changes after which the viewer may be somebody else there. */
const ofRoles = new Set(["MEMBERS", "BILLING_MANAGERS"]);

/** Counts what changes in an organization. `recheck` is called when what the viewer may do there may be another. */
export function useChanges(id: string, slug: string, recheck: () => void) {
  const [count, setCount] = useState(0);
  const timer = useRef<number | undefined>(undefined);
  const touch = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setCount((before) => before + 1), settling);
  }, []);
  useEffect(() => {
    const heard = (kind?: string) => {
      touch();
      if (!kind || ofRoles.has(kind)) recheck();
    };
    const ear = listen(id, slug, heard, recheck);
    return () => {
      clearTimeout(timer.current);
      ear.stop();
    };
  }, [id, slug, touch, recheck]);
  return useMemo(() => ({ count, touch }), [count, touch]);
}

function listen(id: string, slug: string, changed: (kind?: string) => void, ended: () => void) {
  let stopped = false;
  let stream: AsyncIterableIterator<Change> | undefined;
  const asked = { query: subscription, variables: { id } };
  const hear = async (pause: number) => {
    let heard = false;
    try {
      stream = events<Change>(fetch, asked, headersFor(slug));
      if (pause) changed(); // what was missed in between
      for await (const change of stream) {
        if (stopped) return;
        if (!change.data) break;
        heard = true;
        changed(change.data.organizationChanged.kind);
      }
      if (!stopped) ended();
    } catch {
      const wait = heard ? 500 : Math.min(longest, pause * 2 || 500);
      if (!stopped) setTimeout(() => !stopped && void hear(wait), wait * (0.5 + Math.random()));
    }
  };
  void hear(0);
  return {
    stop() {
      stopped = true;
      void stream?.return?.();
    },
  };
}
