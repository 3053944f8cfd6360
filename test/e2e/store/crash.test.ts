/**
 * Fifty times: concurrent writers in a process of their own, kill -9 at a random moment, restart, and look.
 *
 * The model is what watchers saw, in the killed processes and between them, each going on where the last one
 * was cut off. It has to be gapless and in order, hold everything acknowledged, and add up to what is in the
 * store.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { systemEnv } from '#host/system-env.ts';
import { openSqliteStore } from '#store/sqlite/store.ts';
import { type LocalStore, prefixRange, type Store } from '#store/store.ts';
import { Recorder } from '#testing/store/store-suite.ts';
import { idOf, type Report, type Seen } from './crash-report.ts';

const rounds = 50;
const killWithinMs = 600;
const all = prefixRange('/crash/');
const env = systemEnv();

class Model {
  readonly state = new Map<string, { id: string; revision: number }>();
  /** `revision key` to the id written, null for a deletion. */
  readonly written = new Map<string, string | null>();
  lastRevision = 1;

  add([type, revision, key, id, previous]: Seen): void {
    const place = `${revision} ${key}`;
    assert.ok(revision >= this.lastRevision, `${place} came after revision ${this.lastRevision}`);
    assert.ok(!this.written.has(place), `${place} came twice`);
    assert.equal(previous, this.state.get(key)?.id ?? null, `something is missing before ${place}`);
    this.written.set(place, id);
    this.lastRevision = revision;
    if (type === 'put') this.state.set(key, { id: id!, revision });
    else this.state.delete(key);
  }
}

test(`a store – killed ${rounds} times – loses nothing acknowledged and invents nothing`, {
  timeout: 180_000,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'kybern-crash-'));
  const path = join(folder, 'store.db');
  const model = new Model();
  let acknowledged = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      const reported = await runAndKill(path, model.lastRevision + 1, round);
      acknowledged += await check(path, model, reported);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  assert.ok(acknowledged > rounds, 'the writers hardly wrote');
  t.diagnostic(`${acknowledged} acknowledged transactions, ${model.written.size} events`);
});

async function runAndKill(path: string, watchFrom: number, round: number): Promise<Report[]> {
  const script = join(import.meta.dirname, 'crash-child.ts');
  const args = [...process.execArgv.filter((arg) => !arg.startsWith('--test')), script, path];
  const child = spawn(process.execPath, [...args, String(watchFrom), String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    return await listenAndKill(child);
  } finally {
    child.kill('SIGKILL');
  }
}

async function listenAndKill(child: ChildProcess): Promise<Report[]> {
  const reported: Report[] = [];
  const closed = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout! })) {
    // The kill may cut the last line.
    if (!line.endsWith('}')) break;
    const item = JSON.parse(line) as Report;
    reported.push(item);
    if (item.what === 'ready') {
      env.clock.after(env.random.float() * killWithinMs, () => child.kill('SIGKILL'));
    }
  }
  const [, signal] = await closed;
  assert.equal(signal, 'SIGKILL', 'the process ended by itself');
  return reported;
}

/** Returns how many transactions had been acknowledged. */
async function check(path: string, model: Model, reported: readonly Report[]): Promise<number> {
  const cutAt = model.lastRevision;
  for (const item of reported) {
    if (item.what === 'events') for (const seen of item.seen) model.add(seen);
    assert.notEqual(item.what, 'watchError', JSON.stringify(item));
  }
  const store = await openSqliteStore({ path, env });
  try {
    assert.ok(store.newestRevision() >= model.lastRevision, 'the revision went back');
    for (const seen of await watched(store, model.lastRevision + 1)) model.add(seen);
    await checkHistory(store, model, cutAt);
    await checkState(store, model);
  } finally {
    await store.close();
  }
  const writes = reported.filter((item) => item.what === 'acknowledged');
  for (const { revision, keys, id } of writes) {
    for (const key of keys) {
      assert.equal(model.written.get(`${revision} ${key}`), id, `${id} was acknowledged`);
    }
  }
  return writes.length;
}

/** What the killed process had shown is what the file contains: no revision means two things. */
async function checkHistory(store: LocalStore, model: Model, from: number): Promise<void> {
  const start = Math.max(from, store.stats().compactedRevision) + 1;
  for (const [, revision, key, id] of await watched(store, start)) {
    assert.equal(model.written.get(`${revision} ${key}`), id, `${revision} ${key} changed its meaning`);
  }
}

async function checkState(store: Store, model: Model): Promise<void> {
  const { items } = await store.range(all);
  assert.deepEqual(
    new Map(items.map((kv) => [kv.key, { id: idOf(kv), revision: kv.modRevision }])),
    new Map([...model.state].sort(([a], [b]) => (a < b ? -1 : 1))),
  );
  for (const kv of items) {
    const twin = model.state.get(
      kv.key.endsWith('left') ? kv.key.replace('left', 'right') : kv.key.replace('right', 'left'),
    );
    assert.deepEqual(twin, { id: idOf(kv), revision: kv.modRevision }, `${kv.key} is half a transaction`);
  }
}

async function watched(store: Store, from: number): Promise<Seen[]> {
  const last = (await store.range(all)).items.reduce((max, kv) => Math.max(max, kv.modRevision), 0);
  const recorder = new Recorder();
  const watch = store.watch(all, from, recorder);
  if (last >= from) await recorder.until(() => (recorder.revisions.at(-1) ?? 0) >= last || !!recorder.error);
  watch.cancel();
  assert.equal(recorder.error, undefined);
  return recorder.events.map((e) => [e.type, e.revision, e.key, idOf(e.current), idOf(e.previous)]);
}
