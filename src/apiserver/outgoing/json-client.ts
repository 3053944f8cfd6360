/** Reads JSON documents over HTTPS, such as the OpenID discovery document of a token issuer. */

import { getCACertificates } from 'node:tls';
import type { Agent } from 'undici';
import { inGoWords } from '#api/go/connection-error.ts';
import { tlsErrorInGoWords } from '#api/go/tls-error.ts';
import { loadUndici } from '#client/transport/load-undici.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';

const requestMs = 30_000;
const bodyBytesMax = 1024 * 1024;

export class JsonClient {
  readonly #caPem: string;
  #agent: Promise<Agent> | undefined;

  /** `caPem`: the only trusted authorities; if empty, the machine's. */
  constructor(caPem: string) {
    this.#caPem = caPem;
  }

  /** Throws with the message of Go's client, or, for another code than 200, with the code and the start of the body. */
  async get(url: string): Promise<JsonObject> {
    const { status, text } = await this.getText(url);
    if (status !== 200) throw new Error(`${status}: ${text.slice(0, 1000)}`);
    const document: unknown = JSON.parse(text);
    if (!isJsonObject(document)) throw new Error('the answer is no JSON object');
    return document;
  }

  /** Throws with the message of Go's client where there is no answer. */
  async getText(
    url: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; text: string }> {
    const { origin, pathname, search, hostname, port } = new URL(url);
    try {
      this.#agent ??= newAgent(this.#caPem);
      const asked = { origin, path: pathname + search, method: 'GET' as const, headers };
      const answer = await (await this.#agent).request(asked);
      return { status: answer.statusCode, text: await readBounded(answer.body) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      const address = { host: hostname, port: Number(port || 443) };
      const why = tlsErrorInGoWords(error as NodeJS.ErrnoException) ?? inGoWords(address, error as never);
      throw new Error(`Get "${url}": ${why}`);
    }
  }

  async close(): Promise<void> {
    await (await this.#agent)?.destroy();
  }
}

async function newAgent(caPem: string): Promise<Agent> {
  const { Agent } = await loadUndici();
  return new Agent({
    connect: { ca: caPem || getCACertificates('system'), timeout: requestMs },
    headersTimeout: requestMs,
    bodyTimeout: requestMs,
  });
}

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > bodyBytesMax) throw new Error(`the answer is larger than ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
