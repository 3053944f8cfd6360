import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyedQueue } from './keyed-queue.ts';

test('keyed queue – keys run concurrently, the items of one key in order, within the limit', async () => {
  const done: string[] = [];
  let running = 0;
  let most = 0;
  const queue = new KeyedQueue<string>({
    sideBySideMax: 3,
    depthMax: 100,
    async run(item) {
      running += 1;
      most = Math.max(most, running);
      // Earlier items take longer: without order within a key, later ones would overtake them.
      for (let turns = 10 - Number(item.slice(1)); turns > 0; turns--) await Promise.resolve();
      done.push(item);
      running -= 1;
    },
  });
  for (let i = 0; i < 5; i++) for (const key of ['a', 'b', 'c', 'd']) queue.push(key, `${key}${i}`);
  await queue.idle();
  assert.equal(most, 3);
  for (const key of ['a', 'b', 'c', 'd']) {
    const order = done.filter((name) => name.startsWith(key));
    assert.deepEqual(
      order,
      [0, 1, 2, 3, 4].map((i) => `${key}${i}`),
    );
  }
});

test('keyed queue – full – rejects items until it is empty again', async () => {
  const done: number[] = [];
  const queue = new KeyedQueue<number>({
    sideBySideMax: 1,
    depthMax: 2,
    run: async (item) => void done.push(item),
  });
  assert.deepEqual(
    [1, 2, 3].map((item) => queue.push('k', item)),
    [true, true, false],
  );
  await queue.idle();
  assert.equal(queue.push('k', 4), true);
  await queue.idle();
  assert.deepEqual(done, [1, 2, 4]);
});
