import { createGraphiQLFetcher } from "@graphiql/toolkit";

// The template's "Bearer " without a key is nobody's sign-in, not a wrong one.
function fetchWithoutBlankKey(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const headers = new Headers(init?.headers);
  if (/^(bearer)?$/i.test(headers.get("authorization")?.trim() ?? "")) headers.delete("authorization");
  return fetch(input, { ...init, headers });
}

export const fetcher = createGraphiQLFetcher({
  url: "/graphql",
  fetch: fetchWithoutBlankKey,
  enableIncrementalDelivery: false,
});
