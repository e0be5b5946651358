import { useWords } from "../words";

/** Somebody, by name and address. */
export function Person({ name, email, note }: { name: string; email?: string; note?: string | undefined }) {
  return (
    <span class="person">
      <span class="avatar" aria-hidden="true">
        {initials(name)}
      </span>
      <span>
        <span class="strong">{name}</span>
        {note && <span class="muted"> ({note})</span>}
        {email && <div class="muted small">{email}</div>}
      </span>
    </span>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
  return chosen.map((word) => [...(word ?? "")][0] ?? "").join("").toUpperCase();
}

export interface ActorLike {
  __typename?: string | undefined;
  name?: string;
  user?: { name: string };
}

/** Who did something, as far as the viewer may know. */
export function useActor(): (actor: ActorLike) => string {
  const words = useWords();
  const labels: Record<string, string> = words.actors;
  return (actor) => actor.user?.name ?? actor.name ?? labels[actor.__typename ?? ""] ?? "";
}
