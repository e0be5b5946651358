import { useSyncExternalStore } from "preact/compat";

/** Where the browser is, without what stands behind the "#": tokens of mailed links do. */
export function usePath(): string {
  return useSyncExternalStore(listen, () => location.pathname);
}

/** What the address asks for behind its "?". */
export function useSearch(): string {
  return useSyncExternalStore(listen, () => location.search);
}

/** Go to an address of this application. */
export function navigate(path: string, how: { replace?: boolean } = {}): void {
  if (how.replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
  if (!how.replace) scrollTo(0, 0);
}

function listen(changed: () => void): () => void {
  addEventListener("popstate", changed);
  return () => removeEventListener("popstate", changed);
}

/** Plain links navigate without loading anew; whatever a browser does otherwise, such as a new tab, stays. */
export function followLinks(): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest("a");
    const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute("download")) return;
    if (link.origin !== location.origin || !ours(link.pathname) || link.getAttribute("href")?.startsWith("#")) return;
    event.preventDefault();
    navigate(link.pathname + link.search + link.hash);
  });
}

const pages = /^\/($|(o|sign-in|sign-up|forgot|reset|verify|invitation|join|new|payments)(\/|$))/;

function ours(path: string): boolean {
  return pages.test(path);
}
