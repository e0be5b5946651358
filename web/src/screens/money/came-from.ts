const place = "purser-return";

/** Keeps where the payer is while the bank asks him; an address of ours, no secret. */
export function comeBackTo(path: string): void {
  sessionStorage.setItem(place, path);
}

/** Where the payer was, once the bank has sent him back. */
export function cameFrom(): string {
  const back = sessionStorage.getItem(place) ?? "/";
  sessionStorage.removeItem(place);
  return back.startsWith("/o/") ? back : "/";
}
