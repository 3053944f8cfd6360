/**
 * The way from the scheduler to its extenders: JSON by HTTP or HTTPS over kept connections. One time limit covers
 * connection, answer and body; the body is bounded; redirects are not followed. Errors have the messages of Go's HTTP
 * client, which upstream's scheduler shows.
 */

import type { Agent, Dispatcher } from 'undici';
import type { ExtenderTls, SchedulerExtender } from '#api/configuration/scheduler/extenders.ts';
import { inGoWords } from '#api/go/connection-error.ts';
import { tlsErrorInGoWords } from '#api/go/tls-error.ts';
import type { Clock, Timer } from '#base/clock.ts';
import { loadUndici } from '#client/transport/load-undici.ts';
import type { PostToExtender } from '#scheduler/extenders/extender.ts';

/**
 * An extender may answer with all that it was sent, and with the reasons of thousands of nodes. Reading more would hold
 * up the whole process for seconds.
 */
const addedBytesMax = 1024 * 1024;
const answerBytesMax = 32 * 1024 * 1024;
const idleConnectionMs = 30_000;

export interface ExtenderClientOptions {
  readonly clock: Clock;
  /** Throws an Error for a file that cannot be read. */
  readonly readFile: (path: string) => string;
}

export class ExtenderClient {
  readonly #options: ExtenderClientOptions;
  readonly #agents = new Map<SchedulerExtender, Promise<Agent>>();

  constructor(options: ExtenderClientOptions) {
    this.#options = options;
  }

  readonly post: PostToExtender = async (extender, url, body) => {
    const limit = new Limit(this.#options.clock, extender.timeoutMs);
    try {
      const answer = await this.#request(extender, url, body, limit);
      const bytesMax = Math.min(Buffer.byteLength(body) + addedBytesMax, answerBytesMax);
      return { status: answer.statusCode, body: await readBounded(answer.body, bytesMax, limit) };
    } finally {
      limit.end();
    }
  };

  async close(): Promise<void> {
    const agents = await Promise.all(this.#agents.values());
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  async #request(extender: SchedulerExtender, url: string, body: string, limit: Limit) {
    const { origin, pathname, search } = new URL(url);
    try {
      const agent = await this.#agentOf(extender);
      return await agent.request({
        origin,
        path: pathname + search,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'Go-http-client/1.1' },
        body,
        signal: limit.signal,
      });
    } catch (error) {
      throw new Error(`Post "${url}": ${whyOf(error as NodeJS.ErrnoException, new URL(url), limit)}`);
    }
  }

  #agentOf(extender: SchedulerExtender): Promise<Agent> {
    let agent = this.#agents.get(extender);
    if (!agent) {
      agent = newAgent(extender, this.#options.readFile);
      this.#agents.set(extender, agent);
    }
    return agent;
  }
}

/**
 * The files and the rules of the TLS settings, so that a cluster that cannot reach its extenders does not start. Throws an
 * Error with upstream's message.
 */
export function checkExtenderTls({ tls }: SchedulerExtender, readFile: (path: string) => string): void {
  const { ca, cert, key } = pemOf(tls, readFile);
  if (ca && tls.insecure) {
    throw new Error(
      "couldn't build extenders: specifying a root certificates file with the insecure flag is not allowed",
    );
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error("couldn't build extenders: a client certificate and its key are given together");
  }
}

async function newAgent(extender: SchedulerExtender, readFile: (path: string) => string): Promise<Agent> {
  const { enableHTTPS, tls, timeoutMs } = extender;
  const { ca, cert, key } = pemOf(tls, readFile);
  const isUnverified = tls.insecure || (enableHTTPS && !ca);
  const { Agent } = await loadUndici();
  return new Agent({
    connect: {
      ...(ca ? { ca } : {}),
      ...(cert && key ? { cert, key } : {}),
      ...(tls.serverName ? { servername: tls.serverName } : {}),
      ...(isUnverified ? { rejectUnauthorized: false } : {}),
      timeout: timeoutMs,
    },
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: idleConnectionMs,
  });
}

function pemOf(tls: ExtenderTls, readFile: (path: string) => string) {
  const pem = (data: string | undefined, file: string | undefined) => {
    if (data) return Buffer.from(data, 'base64').toString();
    return file ? readFile(file) : undefined;
  };
  return {
    ca: pem(tls.caData, tls.caFile),
    cert: pem(tls.certData, tls.certFile),
    key: pem(tls.keyData, tls.keyFile),
  };
}

class Limit {
  readonly #controller = new AbortController();
  readonly #timer: Timer;
  isLate = false;

  constructor(clock: Clock, ms: number) {
    this.#timer = clock.after(ms, () => {
      this.isLate = true;
      this.#controller.abort();
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    this.#timer.cancel();
  }
}

async function readBounded(
  body: Dispatcher.ResponseData['body'],
  bytesMax: number,
  limit: Limit,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      // Leaving the loop closes the connection.
      if (bytes > bytesMax) break;
      chunks.push(chunk);
    }
  } catch (error) {
    const late = 'context deadline exceeded (Client.Timeout or context cancellation while reading body)';
    throw new Error(limit.isLate ? late : bodyWords(error as NodeJS.ErrnoException));
  }
  if (bytes > bytesMax) throw new Error(`the answer is larger than ${bytesMax} bytes`);
  return Buffer.concat(chunks);
}

function bodyWords({ code, message }: NodeJS.ErrnoException): string {
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' ? 'unexpected EOF' : message;
}

function whyOf(error: NodeJS.ErrnoException, url: URL, limit: Limit): string {
  if (limit.isLate) return 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
  const tls = tlsErrorInGoWords(error);
  if (tls !== undefined) return tls;
  if (error.code === 'UND_ERR_SOCKET') return 'EOF';
  const { address, port } = error as { address?: string; port?: number };
  const host = address ?? url.hostname.replace(/^\[|\]$/g, '');
  const usualPort = url.protocol === 'https:' ? 443 : 80;
  return inGoWords({ host, port: port ?? Number(url.port || usualPort) }, error);
}
