import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkQueue } from './work-queue.ts';

/** Sleeps end at once; their lengths are kept. */
function start() {
  const sleepsMs: number[] = [];
  const stopping = new AbortController();
  const clock = { now: () => 0, sleep: async (ms: number) => void sleepsMs.push(ms) };
  return { queue: new WorkQueue(clock, stopping.signal), sleepsMs, stopping };
}

test('a key – added twice before it is taken – is taken once', async () => {
  const { queue, stopping } = start();
  for (const key of ['a', 'b', 'a']) queue.add(key);
  assert.deepEqual([await queue.next(), await queue.next()], ['a', 'b']);
  stopping.abort();
  assert.equal(await queue.next(), undefined);
});

test('a key – that fails again and again – comes back after pauses that double up to half a minute', async () => {
  const { queue, sleepsMs } = start();
  for (let attempt = 0; attempt < 10; attempt++) {
    queue.failed('a');
    assert.equal(await queue.next(), 'a');
  }
  assert.deepEqual(sleepsMs, [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000]);
  queue.succeeded('a');
  queue.failed('a');
  assert.equal(sleepsMs.at(-1), 100);
});
