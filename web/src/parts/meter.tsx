/** How much of something is taken; its words stand beside it. */
export function Meter({ used, limit }: { used: number; limit: number }) {
  const share = limit ? used / limit : 1;
  const tone = share > 1 ? "bad" : share >= 0.9 ? "warn" : "";
  return (
    <div class={`meter ${tone}`} aria-hidden="true">
      <span style={{ width: `${Math.min(100, Math.max(share * 100, used ? 2 : 0))}%` }} />
    </div>
  );
}
