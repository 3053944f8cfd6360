import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PullSlots } from './pull-slots.ts';

/** A pull that ends when the test says so. */
function pull() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let hasStarted = false;
  const start = () => {
    hasStarted = true;
    return promise;
  };
  return { start, resolve, reject, hasStarted: () => hasStarted };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('pulls – more than there are slots – start in their order, as others end or fail', async () => {
  const slots = new PullSlots(2);
  const pulls = [pull(), pull(), pull(), pull()];
  const ends = pulls.map(({ start }) => slots.use(start).catch((error: Error) => error.message));
  const started = async () => {
    await turn();
    return pulls.map(({ hasStarted }) => hasStarted());
  };
  assert.deepEqual(await started(), [true, true, false, false]);
  pulls[1]?.reject(new Error('no such image'));
  assert.deepEqual(await started(), [true, true, true, false]);
  pulls[0]?.resolve('a');
  assert.deepEqual(await started(), [true, true, true, true]);
  pulls[2]?.resolve('c');
  pulls[3]?.resolve('d');
  assert.deepEqual(await Promise.all(ends), ['a', 'no such image', 'c', 'd']);
});

test('a pull – given up while it waits – takes no slot, and is never started', async () => {
  const slots = new PullSlots(1);
  const [first, second, third] = [pull(), pull(), pull()];
  const ending = slots.use(first.start);
  const leaving = new AbortController();
  const left = assert.rejects(slots.use(second.start, leaving.signal), { message: 'context canceled' });
  const last = slots.use(third.start);
  leaving.abort();
  await left;
  first.resolve('a');
  third.resolve('c');
  assert.deepEqual(await Promise.all([ending, last]), ['a', 'c']);
  assert.equal(second.hasStarted(), false);
  await assert.rejects(slots.use(second.start, leaving.signal), { message: 'context canceled' });
});
