import type { CombinedError } from "@urql/core";

/** Whether this is the answer to somebody who may see less than before, or is signed in no more. */
export function isRefused(error: CombinedError | undefined): boolean {
  return !!error?.graphQLErrors.some(({ extensions }) => codes.has(String(extensions["code"])));
}

const codes = new Set(["GRAPHQL_VALIDATION_FAILED", "FORBIDDEN", "UNAUTHENTICATED", "CSRF"]);
