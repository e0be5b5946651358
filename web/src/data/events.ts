const next = "event: next\ndata: ";
const complete = "event: complete";

/** What a program asks for. */
interface Asked {
  query: string;
  variables?: unknown;
  operationName?: string | null;
}

/** A stream that the server did not complete. */
export class Cut extends Error {}

/** What a subscription gives, as server-sent events, until the server completes it or the reader returns; `opened`
 * is called when it begins. */
export function events<Answer>(
  send: typeof fetch,
  asked: Asked,
  headers: Record<string, string> = {},
  opened: () => void = () => {},
): AsyncIterableIterator<Answer> {
  const stop = new AbortController();
  const answers = read<Answer>(send, asked, headers, opened, stop.signal);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => answers.next(),
    // A generator that waits for the server would return with the next event only.
    return: () => {
      stop.abort();
      return answers.return(undefined);
    },
  };
}

async function* read<Answer>(
  send: typeof fetch,
  asked: Asked,
  given: Record<string, string>,
  opened: () => void,
  signal: AbortSignal,
): AsyncGenerator<Answer, undefined> {
  const headers = { ...given, "content-type": "application/json", accept: "text/event-stream" };
  try {
    const response = await send("/graphql", { method: "POST", body: JSON.stringify(asked), headers, signal });
    if (!response.ok || !response.body) {
      yield (await response.json()) as Answer;
      return;
    }
    opened();
    for await (const event of split(response.body)) {
      if (event.startsWith(complete)) return;
      if (event.startsWith(next)) yield JSON.parse(event.slice(next.length)) as Answer;
    }
    throw new Cut();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function* split(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const found = (text + value).split("\n\n");
    text = found.pop() ?? "";
    yield* found;
  }
}
