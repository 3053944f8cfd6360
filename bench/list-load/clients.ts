/**
 * The clients of bench/list-load/list-load.ts, in a process of their own: each sends one request, reads the whole
 * response and keeps none of it.
 */

import { type ClientHttp2Session, connect } from 'node:http2';
import { Agent, request } from 'node:https';

export interface ListLoad {
  readonly port: number;
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  readonly path: string;
  readonly accept: string;
  readonly gzip: boolean;
  readonly http2: boolean;
  readonly clients: number;
  /** A watch is read until its initial events have ended. */
  readonly until?: string;
}

export interface ListLoadResult {
  readonly statuses: Readonly<Record<string, number>>;
  readonly bytes: number;
  readonly ms: number;
}

interface Answer {
  readonly status: string;
  readonly bytes: number;
}

function headersOf({ accept, gzip }: ListLoad): Record<string, string> {
  return { accept, ...(gzip ? { 'accept-encoding': 'gzip' } : {}) };
}

type Readable = NodeJS.ReadableStream & { destroy(): void };

function drained(stream: Readable, until: string | undefined, done: (bytes: number) => void): void {
  let bytes = 0;
  let tail = '';
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (!until) return;
    tail = (tail + chunk.toString('latin1', Math.max(0, chunk.length - 2000))).slice(-2000);
    if (!tail.includes(until)) return;
    stream.destroy();
    done(bytes);
  });
  stream.on('end', () => done(bytes));
}

function overHttp1(load: ListLoad): Promise<Answer> {
  const { port, cert, key, ca, path, until } = load;
  const agent = new Agent({ cert, key, ca });
  return new Promise((resolve) => {
    const failed = (error: Error & { code?: string }) => resolve({ status: error.code ?? 'error', bytes: 0 });
    const outgoing = request({ host: '127.0.0.1', port, agent, path, headers: headersOf(load) }, (answer) => {
      answer.on('error', failed);
      drained(answer, until, (bytes) => resolve({ status: String(answer.statusCode), bytes }));
    });
    outgoing.on('error', failed);
    outgoing.end();
  });
}

function overHttp2(load: ListLoad, session: ClientHttp2Session): Promise<Answer> {
  return new Promise((resolve) => {
    const stream = session.request({ ':path': load.path, ...headersOf(load) });
    let status = 'none';
    stream.on('response', (headers) => {
      status = String(headers[':status']);
    });
    stream.on('error', (error: Error & { code?: string }) =>
      resolve({ status: error.code ?? 'error', bytes: 0 }),
    );
    drained(stream, load.until, (bytes) => resolve({ status, bytes }));
    stream.end();
  });
}

/** As many streams share a connection as in a Go client. */
const streamsPerSession = 50;

async function run(load: ListLoad): Promise<ListLoadResult> {
  const { port, cert, key, ca, clients } = load;
  const start = performance.now();
  const sessions = load.http2
    ? Array.from({ length: Math.ceil(clients / streamsPerSession) }, () =>
        connect(`https://127.0.0.1:${port}`, { cert, key, ca }),
      )
    : [];
  for (const session of sessions) session.on('error', () => {});
  const answers = await Promise.all(
    Array.from({ length: clients }, (_, i) =>
      load.http2 ? overHttp2(load, sessions[i % sessions.length]!) : overHttp1(load),
    ),
  );
  for (const session of sessions) session.destroy();
  const statuses: Record<string, number> = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  const bytes = answers.reduce((sum, answer) => sum + answer.bytes, 0);
  return { statuses, bytes, ms: performance.now() - start };
}

process.on('message', (load: ListLoad) => {
  void run(load).then((result) => process.send!(result));
});
process.on('disconnect', () => process.exit(0));
