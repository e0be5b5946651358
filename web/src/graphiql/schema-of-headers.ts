import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useEffect } from "react";

const pauseAfterTyping = 800; // milliseconds

/** Fetches the schema anew when the headers change: each key and organization sees a schema of its own. */
export function SchemaOfHeaders(): null {
  const headerEditor = useGraphiQL((state) => state.headerEditor);
  const { introspect } = useGraphiQLActions();
  useEffect(() => {
    let timer: number | undefined;
    const listener = headerEditor?.onDidChangeModelContent(() => {
      window.clearTimeout(timer);
      timer = window.setTimeout(introspect, pauseAfterTyping);
    });
    return () => {
      window.clearTimeout(timer);
      listener?.dispose();
    };
  }, [headerEditor, introspect]);
  useEffect(() => {
    window.addEventListener("keydown", keepPageOnRefetch);
    return () => window.removeEventListener("keydown", keepPageOnRefetch);
  }, []);
  return null;
}

// GraphiQL's shortcut for fetching the schema is the browser's for reloading, which would forget the headers.
function keepPageOnRefetch(event: KeyboardEvent): void {
  if (event.ctrlKey && event.shiftKey && event.key === "R") event.preventDefault();
}
