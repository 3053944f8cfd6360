import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock, systemEnv } from '#host/system-env.ts';
import { put, Recorder } from '#testing/store/store-suite.ts';
import { StoreFullError } from '../errors.ts';
import { memoryRowLog } from '../memory/store.ts';
import { prefixRange } from '../store.ts';
import type { RowLog } from './row-log.ts';
import { emptyState, MvccStore } from './store.ts';

/** A row log whose groups end when the test ends them. */
function heldRowLog() {
  const groups: { keys: string[]; end: (error?: Error) => void }[] = [];
  const arrivals: (() => void)[] = [];
  const rowLog: RowLog = {
    ...memoryRowLog(systemClock),
    append: (rows) =>
      new Promise((resolve, reject) => {
        const end = (error?: Error) => (error ? reject(error) : resolve());
        groups.push({ keys: rows.map((row) => row.key), end });
        for (const arrived of arrivals.splice(0)) arrived();
      }),
  };
  const next = async () => {
    while (groups.length === 0) await new Promise<void>((resolve) => arrivals.push(resolve));
    return groups.shift()!;
  };
  return { rowLog, next };
}

const all = prefixRange('/t/');

test('writes – a group is being made durable – gather, and are seen only when theirs is', async () => {
  const { rowLog, next } = heldRowLog();
  const store = new MvccStore(systemEnv(), rowLog, emptyState(Number.POSITIVE_INFINITY));
  const recorder = new Recorder();
  store.watch(all, 2, recorder);
  const first = put(store, '/t/a', '1');
  const group = await next();
  const others = [put(store, '/t/b', '1'), put(store, '/t/a', '2', 2), put(store, '/t/a', '3', 0)];
  assert.deepEqual(group.keys, ['/t/a']);
  assert.equal((await store.range(all)).count, 0);
  assert.equal(recorder.events.length, 0);
  group.end();
  await first;
  assert.deepEqual(recorder.lines(), ['put /t/a 1<']);
  const second = await next();
  assert.deepEqual(second.keys, ['/t/b', '/t/a']);
  assert.equal(store.newestRevision(), 2);
  second.end();
  const results = await Promise.all(others);
  assert.deepEqual(
    results.map((result) => [result.succeeded, result.revision]),
    [
      [true, 3],
      [true, 4],
      [false, 4],
    ],
  );
  await store.close();
});

test('a group – that fails – fails everything decided after it, and leaves no trace', async () => {
  const { rowLog, next } = heldRowLog();
  const store = new MvccStore(systemEnv(), rowLog, emptyState(Number.POSITIVE_INFINITY));
  const recorder = new Recorder();
  store.watch(all, 2, recorder);
  const doomed = [put(store, '/t/a', '1', 0)];
  const group = await next();
  // Rests on the write that will fail; so does the answer to a compare that does not hold.
  doomed.push(put(store, '/t/a', '2', 2), put(store, '/t/a', '3', 0));
  group.end(new StoreFullError('no space'));
  for (const result of await Promise.allSettled(doomed)) {
    assert.ok(result.status === 'rejected' && result.reason instanceof StoreFullError);
  }
  const after = put(store, '/t/a', '4', 0);
  (await next()).end();
  // Two revisions were given to writes that never were: they are not given again.
  assert.deepEqual(await after, { succeeded: true, revision: 4 });
  assert.deepEqual(recorder.lines(), ['put /t/a 4<']);
  assert.equal((await store.get('/t/a'))!.version, 1);
  await store.close();
});
