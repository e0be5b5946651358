import { useState } from "preact/hooks";

/** The token of a mailed link: it stands behind the "#", and is sent in the body of a mutation only. */
export function useToken(): string {
  const [token] = useState(() => location.hash.slice(1));
  return token;
}
