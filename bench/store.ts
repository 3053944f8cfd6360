/**
 * Durable writes through the store against raw SQLite group commits of the same bytes.
 *
 * The ceiling is a thread that does nothing but append groups of as many rows as there are clients, one fsync
 * each, with the store's own page size, journal and checkpoint settings.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { systemEnv } from '#host/system-env.ts';
import { openSqliteStore } from '#store/sqlite/store.ts';
import type { Store } from '#store/store.ts';
import type { BenchRow } from './row.ts';

const valueBytes = 3000;
const runMs = 1500;
const clientCounts = [1, 10, 64, 100];
/** Ours and the ceiling take turns, so that a slow moment of the disk hits both. */
const turns = 3;

export async function storeBench(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'kybern-bench-'));
  try {
    const rows: BenchRow[] = [];
    for (const clients of clientCounts) rows.push(await writeRow(folder, clients));
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function writeRow(folder: string, clients: number): Promise<BenchRow> {
  let ours = 0;
  let ceiling = 0;
  for (let turn = 0; turn < turns; turn++) {
    ours += (await storeWritesPerSecond(join(folder, `store-${clients}-${turn}.db`), clients)) / turns;
    ceiling += (await rawWritesPerSecond(join(folder, `raw-${clients}-${turn}.db`), clients)) / turns;
  }
  return {
    what: `store: durable write of 3 kB, ${clients} client${clients > 1 ? 's' : ''}`,
    value: `${Math.round(ours)}/s`,
    ceiling: `${Math.round(ceiling)}/s`,
    ratio: ours / ceiling,
  };
}

async function storeWritesPerSecond(path: string, clients: number): Promise<number> {
  const store = await openSqliteStore({ path, env: systemEnv() });
  try {
    const endMs = performance.now() + runMs;
    const counts = await Promise.all(
      Array.from({ length: clients }, (_, client) => writeUntil(store, client, endMs)),
    );
    return (counts.reduce((sum, count) => sum + count, 0) * 1000) / runMs;
  } finally {
    await store.close();
  }
}

async function writeUntil(store: Store, client: number, endMs: number): Promise<number> {
  let count = 0;
  while (performance.now() < endMs) {
    const key = `/registry/pods/bench/client-${client}-pod-${count++}`;
    const value = new Uint8Array(valueBytes).fill(count);
    await store.commit({ compare: [{ key, modRevision: 0 }], ops: [{ type: 'put', key, value }] });
  }
  return count;
}

export function rawWritesPerSecond(path: string, rowsPerGroup: number, bytes = valueBytes): Promise<number> {
  const options = { workerData: { path, rowsPerGroup, valueBytes: bytes, runMs } };
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./store-ceiling.ts', import.meta.url), options);
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

if (import.meta.main) console.table(await storeBench());
