/**
 * Many large lists at once: how long `/readyz` keeps others waiting meanwhile, how much memory the server takes, and whether
 * it gives it back. Server and clients are processes of their own; this one only asks `/readyz`.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import type { ListLoad, ListLoadResult } from './list-load-clients.ts';
import type { BenchRow } from './row.ts';

const podCount = 5000;
const clients = 200;
const probeEveryMs = 20;
const settleMs = Number(process.env['LIST_LOAD_SETTLE_MS'] ?? 60_000);
const readyMaxMs = 250;
const residentMaxBytes = 1.5e9;

type Endpoint = Pick<ListLoad, 'port' | 'cert' | 'key' | 'ca'>;

const path = '/api/v1/namespaces/load/pods';
const shape = (as: string) => `application/json;as=${as};v=v1;g=meta.k8s.io`;
const initial = `${path}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`;
const plain = { path, accept: 'application/json', gzip: false, http2: false, clients };

const loads: readonly (readonly [name: string, load: Omit<ListLoad, keyof Endpoint>])[] = [
  ['JSON', plain],
  ['JSON, gzip', { ...plain, gzip: true }],
  ['JSON, h2', { ...plain, http2: true }],
  ['protobuf', { ...plain, accept: 'application/vnd.kubernetes.protobuf' }],
  ['Table', { ...plain, accept: shape('Table') }],
  ['PartialObjectMetadata', { ...plain, accept: shape('PartialObjectMetadataList') }],
  ['YAML', { ...plain, accept: 'application/yaml' }],
  ['by label', { ...plain, path: '/api/v1/pods?labelSelector=app%3Dbench' }],
  ['first lists of watches', { ...plain, path: initial, until: 'initial-events-end' }],
];

export async function listLoadBench(): Promise<BenchRow[]> {
  const only = process.env['LIST_LOAD'];
  const rows: BenchRow[] = [];
  for (const [name, load] of loads)
    if (!only || only.split(';').includes(name)) rows.push(await measure(name, load));
  return rows;
}

/** A new server for each, so that one load's memory is not taken for another's. */
async function measure(name: string, load: Omit<ListLoad, keyof Endpoint>): Promise<BenchRow> {
  const server = fork(new URL('./list-load-server.ts', import.meta.url), [String(podCount)]);
  const callers = fork(new URL('./list-load-clients.ts', import.meta.url));
  try {
    const endpoint = await answerOf<Endpoint>(server);
    // The first list compiles what all others use.
    await ask(callers, { ...endpoint, ...load, clients: 1 });
    await wait(2000);
    const before = residentBytes(server.pid!);
    const probe = new Probe(endpoint, server.pid!);
    const { statuses, bytes, ms } = await ask(callers, { ...endpoint, ...load });
    const { lagsMs, peakBytes } = await probe.stop();
    await wait(settleMs);
    const after = residentBytes(server.pid!);
    const max = lagsMs.at(-1)!;
    const p99 = lagsMs[Math.floor(lagsMs.length * 0.99)]!;
    const memory = [before, peakBytes, after].map((one) => Math.round(one / 1e6)).join(' → ');
    const answers = Object.entries(statuses)
      .map(([status, count]) => `${count} × ${status}`)
      .join(', ');
    return {
      what: `${clients} lists of ${podCount} pods, ${name}: /readyz`,
      value: `max ${max.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms; RSS ${memory} MB; ${answers}, ${(bytes / 1e6).toFixed(0)} MB in ${(ms / 1000).toFixed(1)} s`,
      ceiling: `${readyMaxMs} ms, ${residentMaxBytes / 1e6} MB, 110 % after`,
      ratio: Math.min(readyMaxMs / max, residentMaxBytes / peakBytes, (1.1 * before) / after),
      floor: 1,
    };
  } finally {
    server.disconnect();
    callers.disconnect();
  }
}

function ask(callers: ChildProcess, load: ListLoad): Promise<ListLoadResult> {
  callers.send(load);
  return answerOf<ListLoadResult>(callers);
}

function answerOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T));
    child.once('exit', (code) => reject(new Error(`a process of the benchmark ended with ${code}`)));
  });
}

/** Asks `/readyz` all the time, each time on a connection of its own, as a prober does, and looks at the server's memory. */
class Probe {
  readonly #lagsMs: number[] = [];
  readonly #running: Promise<void>;
  #peakBytes = 0;
  #isOver = false;

  constructor(endpoint: Endpoint, pid: number) {
    this.#running = this.#run(endpoint, pid);
  }

  async stop(): Promise<{ lagsMs: number[]; peakBytes: number }> {
    this.#isOver = true;
    await this.#running;
    return { lagsMs: this.#lagsMs.sort((a, b) => a - b), peakBytes: this.#peakBytes };
  }

  async #run(endpoint: Endpoint, pid: number): Promise<void> {
    while (!this.#isOver) {
      const start = performance.now();
      await readyz(endpoint);
      this.#lagsMs.push(performance.now() - start);
      this.#peakBytes = Math.max(this.#peakBytes, residentBytes(pid));
      await wait(probeEveryMs);
    }
  }
}

function readyz({ port, cert, key, ca }: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, path: '/readyz', cert, key, ca, agent: false },
      (answer) => {
        answer.resume();
        answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error('not ready'))));
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}

function residentBytes(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
}
