/** Reads what an HTTP or HTTPS address answers, within bounds. Redirects are followed, certificates are checked. */

export interface UrlRequest {
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** A longer answer is an error. */
  readonly bytesMax: number;
  /** For the whole answer. */
  readonly timeoutMs: number;
}

export interface UrlAnswer {
  readonly status: number;
  /** As in the first line of the answer: `404 Not Found`. */
  readonly statusLine: string;
  readonly body: string;
}

/** Rejects when there is no answer in time, and when it is too long. */
export async function readUrl({ url, headers, bytesMax, timeoutMs }: UrlRequest): Promise<UrlAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  let answer: Response;
  try {
    answer = await fetch(url, { headers: headers.map(([name, value]) => [name, value]), signal });
  } catch (error) {
    throw new Error(causeOf(error), { cause: error });
  }
  const { status, statusText } = answer;
  return { status, statusLine: `${status} ${statusText}`, body: await textOf(answer, bytesMax) };
}

async function textOf({ body }: Response, bytesMax: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.length;
    // Leaving the loop ends the connection.
    if (bytes > bytesMax) throw new Error(`the answer has more than ${bytesMax} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** `fetch failed` says nothing; what it failed of does. */
function causeOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message ? cause.message : message;
}
