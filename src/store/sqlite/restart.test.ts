/** What a store has after it was closed and opened again. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { systemEnv } from '#host/system-env.ts';
import { put, Recorder, remove } from '#testing/store/store-suite.ts';
import { CompactedError } from '../errors.ts';
import { prefixRange } from '../store.ts';
import { openSqliteStore } from './store.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kybern-store-'));
  path = join(folder, 'store.db');
});
afterEach(() => rm(folder, { recursive: true }));

const open = (historyHotBytesMax?: number) => openSqliteStore({ path, env: systemEnv(), historyHotBytesMax });
const all = prefixRange('/t/');

test('values, history and the revision – after a restart – are there again', async () => {
  const first = await open();
  await put(first, '/t/a', '1');
  const old = await put(first, '/t/b', '1');
  await put(first, '/t/a', '2');
  const last = await remove(first, '/t/b');
  const kv = await first.get('/t/a');
  await first.close();

  const second = await open();
  try {
    assert.equal(second.newestRevision(), last.revision);
    assert.deepEqual(await second.get('/t/a'), kv);
    assert.equal((await second.range(all, { revision: old.revision })).items.length, 2);
    const recorder = new Recorder();
    second.watch(all, old.revision, recorder);
    await put(second, '/t/c', '1');
    await recorder.until(() => recorder.events.length >= 4);
    assert.deepEqual(recorder.lines(), ['put /t/b 1<', 'put /t/a 2<1', 'delete /t/b <1', 'put /t/c 1<']);
  } finally {
    await second.close();
  }
});

test('the revision – everything was deleted and compacted before the restart – goes on', async () => {
  const first = await open();
  await put(first, '/t/a', '1');
  const { revision } = await remove(first, '/t/a');
  await first.compact(revision);
  await first.close();
  const second = await open();
  try {
    assert.equal(second.newestRevision(), revision);
    assert.equal(second.stats().compactedRevision, revision);
    assert.equal((await put(second, '/t/a', '2')).revision, revision + 1);
  } finally {
    await second.close();
  }
});

test('a file – behind the known revision – goes on far above it, for good, without its old versions', async () => {
  const first = await open();
  const before = await put(first, '/t/a', '1');
  await first.close();
  const knownRevision = before.revision + 100;
  const second = await openSqliteStore({ path, env: systemEnv(), knownRevision });
  assert.ok(second.newestRevision() > knownRevision);
  assert.equal((await second.get('/t/a'))?.modRevision, before.revision);
  await second.close();
  const third = await openSqliteStore({ path, env: systemEnv(), knownRevision: second.newestRevision() });
  try {
    assert.equal(third.newestRevision(), second.newestRevision());
    for (const from of [before.revision + 1, knownRevision + 1]) {
      const recorder = new Recorder();
      third.watch(all, from, recorder);
      await recorder.until(() => recorder.error !== undefined);
      assert.ok(recorder.error instanceof CompactedError);
    }
    assert.equal((await put(third, '/t/a', '2')).revision, second.newestRevision() + 1);
    assert.equal((await third.range(all)).count, 1);
  } finally {
    await third.close();
  }
});

test('the file – open – is private, and one process at a time has it', async () => {
  const store = await open();
  try {
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await stat(`${path}-wal`)).mode & 0o777, 0o600);
    await assert.rejects(open(), /store\.db is in use by another process/);
  } finally {
    await store.close();
  }
});

test('the file – compacted while writes go on – shrinks', async () => {
  const store = await open();
  for (let i = 0; i < 100; i++) {
    await Promise.all(Array.from({ length: 50 }, (_, key) => put(store, `/t/${key}`, 'x'.repeat(3000))));
  }
  const fullBytes = store.stats().sizeBytes;
  let during = 0;
  const compacted = store.compact(store.newestRevision()).then(() => true);
  while (!(await Promise.race([compacted, put(store, '/t/live', `${during}`).then(() => false)]))) during++;
  assert.ok(during > 10, `only ${during} writes during the compaction`);
  assert.ok(store.stats().sizeBytes < fullBytes / 2);
  await store.close();
  assert.ok(fullBytes > 15_000_000);
  assert.ok((await stat(path)).size < 6_000_000, `${(await stat(path)).size} bytes are left`);
  const again = await open();
  assert.equal((await again.range(all)).count, 51);
  await again.close();
});
