import { cacheExchange, Client, fetchExchange } from "@urql/core";

/** What every request says. A cookie signs in only with a header that no other site can send; see docs/api.md. */
export function headersFor(slug: string | null): Record<string, string> {
  const headers = { accept: "application/graphql-response+json", "purser-request": "1" };
  return slug ? { ...headers, "purser-organization": slug } : headers;
}

/** Asks about one organization, or about none: each has a cache of its own, as each sees a schema of its own. */
export function clientFor(slug: string | null): Client {
  return new Client({
    url: "/graphql",
    exchanges: [cacheExchange, fetchExchange],
    preferGetMethod: false,
    requestPolicy: "cache-and-network",
    fetchOptions: { headers: headersFor(slug), credentials: "same-origin" },
  });
}
