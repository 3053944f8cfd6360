/**
 * Many large lists at once: how long `/readyz` takes meanwhile, how much memory the server uses, and whether
 * it gives the memory back. Server and clients are separate processes; this process only requests `/readyz`.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { type Endpoint, ReadyProbe, residentBytes } from '../ready-probe.ts';
import type { BenchRow } from '../row.ts';
import type { ListLoad, ListLoadResult } from './clients.ts';

const podCount = 5000;
const clients = 200;
const settleMs = Number(process.env['LIST_LOAD_SETTLE_MS'] ?? 60_000);
const readyMaxMs = 250;
const residentMaxBytes = 1.5e9;

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
  for (const [name, load] of loads) {
    if (!only || only.split(';').includes(name)) rows.push(await measure(name, load));
  }
  return rows;
}

/** A new server for each load, so that memory is not attributed to the wrong one. */
async function measure(name: string, load: Omit<ListLoad, keyof Endpoint>): Promise<BenchRow> {
  const server = fork(new URL('./server.ts', import.meta.url), [String(podCount)]);
  const callers = fork(new URL('./clients.ts', import.meta.url));
  try {
    const endpoint = await answerOf<Endpoint>(server);
    // The first list makes V8 compile the code that all others use.
    await ask(callers, { ...endpoint, ...load, clients: 1 });
    await wait(2000);
    const before = residentBytes(server.pid!);
    const probe = new ReadyProbe(endpoint, server.pid!);
    const { statuses, bytes, ms } = await ask(callers, { ...endpoint, ...load });
    const { lagsMs, peakBytes } = await probe.stop();
    await wait(settleMs);
    const after = residentBytes(server.pid!);
    const max = lagsMs.at(-1)!;
    const p99 = lagsMs[Math.floor(lagsMs.length * 0.99)]!;
    const memory = [before, peakBytes, after].map((bytes) => Math.round(bytes / 1e6)).join(' → ');
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
