/**
 * The clients of bench/api.ts, all in one thread: kept-alive HTTPS connections with a client certificate.
 * Those that measure the request rate are lean; the few other requests and the watches use node:https.
 */

import { Agent, request } from 'node:https';
import { parentPort, workerData } from 'node:worker_threads';
import { type Endpoint, LeanConnection, requestBytes } from './lean-connection.ts';

export interface ApiLoad {
  readonly kind: 'get' | 'create' | 'write' | 'watch' | 'download';
  readonly path: string;
  readonly accept?: string;
  /** `NAME` in it is replaced in a creation, `NUMBER` by another number in each write. */
  readonly body?: string;
  /** Of a write: in its path and body `CLIENT` is replaced, by the number of the client. */
  readonly method?: string;
  readonly type?: string;
  readonly prefix?: string;
  readonly clients: number;
  readonly runMs: number;
  readonly eventsPerSecond?: number;
}

export interface ApiLoadResult {
  readonly perSecond: number;
  readonly done: number;
  readonly events: number;
  readonly expected: number;
  readonly p99Ms: number;
  readonly bytes?: Uint8Array;
}

type Identity = Omit<Endpoint, 'port'>;
const identity = workerData as Identity;
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, ...identity });
const nothing: ApiLoadResult = { perSecond: 0, done: 0, events: 0, expected: 0, p99Ms: 0 };

function call(
  port: number,
  method: string,
  path: string,
  body?: string,
  accept?: string,
): Promise<{ status: number; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...(accept ? { accept } : {}),
      ...(body ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {}),
    };
    const outgoing = request({ host: '127.0.0.1', port, agent, method, path, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode!, bytes: Buffer.concat(chunks) }));
      answer.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** What a client sends for its next request. */
type NextRequest = (i: number) => Buffer;

/** Every client sends its next request as soon as the last one is answered. */
async function rate(
  port: number,
  load: ApiLoad,
  requester: (client: number) => NextRequest,
): Promise<ApiLoadResult> {
  const connections = await Promise.all(
    Array.from({ length: load.clients }, () => LeanConnection.open({ port, ...identity })),
  );
  let done = 0;
  let next = 0;
  const start = performance.now();
  const client = async (connection: LeanConnection, number: number) => {
    const request = requester(number);
    while (performance.now() - start < load.runMs) {
      const status = await connection.ask(request(next++));
      if (status >= 300) throw new Error(`answered with ${status}`);
      done++;
    }
  };
  await Promise.all(connections.map(client));
  const perSecond = (done * 1000) / (performance.now() - start);
  for (const connection of connections) connection.close();
  return { ...nothing, perSecond, done };
}

function getter(load: ApiLoad): NextRequest {
  const bytes = requestBytes('GET', load.path, '', load.accept === undefined ? {} : { accept: load.accept });
  return () => bytes;
}

const nameDigits = 8;

/** Only the number in the name changes between requests. */
function creator(load: ApiLoad): NextRequest {
  const number = '0'.repeat(nameDigits);
  const name = `${load.prefix ?? ''}p${number}`;
  const bytes = requestBytes('POST', load.path, load.body!.replace('NAME', name));
  const at = bytes.indexOf(name) + name.length - nameDigits;
  return (i) => {
    bytes.write(String(i).padStart(nameDigits, '0'), at, 'latin1');
    return bytes;
  };
}

/** Each client changes an object of its own: none of them has to try again. */
function writer({ method, path, body, type }: ApiLoad, client: number): NextRequest {
  const forClient = (text: string) => text.replaceAll('CLIENT', String(client));
  const number = '0'.repeat(nameDigits);
  const bytes = requestBytes(
    method!,
    forClient(path),
    forClient(body!).replace('NUMBER', number),
    type === undefined ? {} : { type },
  );
  const at = bytes.indexOf(number);
  return (i) => {
    if (at >= 0) bytes.write(String(i).padStart(nameDigits, '0'), at, 'latin1');
    return bytes;
  };
}

async function watch(port: number, load: ApiLoad): Promise<ApiLoadResult> {
  const sentMs = new Map<string, number>();
  const lags: number[] = [];
  const total = (load.runMs / 1000) * load.eventsPerSecond!;
  const expected = total * load.clients;
  let events = 0;
  const onEvents = (text: string) => {
    const now = performance.now();
    for (const match of text.matchAll(/"name":"(e-\d+)","namespace"/g)) {
      events++;
      lags.push(now - sentMs.get(match[1]!)!);
    }
  };
  const open = await Promise.all(
    Array.from({ length: load.clients }, () => openWatch(port, load.path, onEvents)),
  );
  await paced(total, 1000 / load.eventsPerSecond!, (i) => {
    sentMs.set(`e-${i}`, performance.now());
    return call(port, 'POST', load.path, load.body!.replace('NAME', `e-${i}`));
  });
  for (let i = 0; i < 50 && events < expected; i++) await new Promise((resolve) => setTimeout(resolve, 100));
  for (const close of open) close();
  lags.sort((a, b) => a - b);
  return { ...nothing, events, expected, p99Ms: lags[Math.floor(lags.length * 0.99)] ?? 0 };
}

/** Starts `total` tasks at even intervals, without waiting for earlier ones. */
async function paced(total: number, everyMs: number, task: (i: number) => Promise<unknown>): Promise<void> {
  const startMs = performance.now();
  const running: Promise<unknown>[] = [];
  for (let i = 0; i < total; i++) {
    const waitMs = startMs + i * everyMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    running.push(task(i));
  }
  await Promise.all(running);
}

/** Resolves when the watch has started. Reads names only: parsing would measure this thread. */
function openWatch(port: number, path: string, onEvents: (text: string) => void): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, agent, path: `${path}?watch=true` }, (answer) => {
      let rest = '';
      answer.on('data', (chunk: Buffer) => {
        const text = rest + chunk.toString('latin1');
        const end = text.lastIndexOf('\n') + 1;
        rest = text.slice(end);
        onEvents(text.slice(0, end));
      });
      answer.on('error', () => {});
      resolve(() => outgoing.destroy());
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

const runs: Record<ApiLoad['kind'], (port: number, load: ApiLoad) => Promise<ApiLoadResult>> = {
  get: (port, load) => rate(port, load, () => getter(load)),
  create: (port, load) => rate(port, load, () => creator(load)),
  write: (port, load) => rate(port, load, (client) => writer(load, client)),
  watch,
  download: async (port, { path, accept }) => ({
    ...nothing,
    bytes: (await call(port, 'GET', path, undefined, accept)).bytes,
  }),
};

parentPort!.on('message', async ({ port, load }: { port: number; load: ApiLoad }) => {
  parentPort!.postMessage(await runs[load.kind](port, load).catch((error: unknown) => ({ error })));
});
