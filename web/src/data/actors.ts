import type { TypedDocumentNode } from "@urql/core";
import { ActorFragmentDoc } from "../../generated/work/graphql";

const made = new WeakMap<object, object>();

/** The same document, with people named where it says who did something: only for who may know people. */
export function withPeople<Data, Variables>(document: TypedDocumentNode<Data, Variables>): typeof document {
  const found = made.get(document) as typeof document | undefined;
  if (found) return found;
  const [people] = ActorFragmentDoc.definitions;
  const definitions = document.definitions.map((one) =>
    people && one.kind === people.kind && "name" in one && one.name?.value === "Actor" ? people : one,
  );
  const changed = { ...document, definitions };
  made.set(document, changed);
  return changed;
}
