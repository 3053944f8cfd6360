import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { planChangesMax, WritePace } from './write-pace.ts';

const int32Max = 2 ** 31 - 1;

test('who wants many gets a burst, then a few at a time at a steady rate', async () => {
  const clock = new VirtualClock();
  const pace = new WritePace(clock);
  let made = 0;
  for (let count = pace.allowance(int32Max); count === planChangesMax; count = pace.allowance(int32Max))
    made += count;
  assert.ok(made >= 9_000 && made <= 10_000, `${made} in the burst`);
  while (pace.allowance(int32Max) > 0);
  assert.equal(pace.allowance(int32Max), 0);
  await clock.advance(1_000);
  const given: number[] = [];
  for (let count = pace.allowance(int32Max); count > 0; count = pace.allowance(int32Max)) given.push(count);
  assert.deepEqual(given, [20, 20, 20, 20, 20], 'a hundred a second, for several to share');
});

test('who wants a few never waits', () => {
  const pace = new WritePace(new VirtualClock());
  while (pace.allowance(int32Max) > 0);
  assert.equal(pace.allowance(20), 20);
  assert.equal(pace.allowance(3), 3);
  assert.equal(pace.allowance(21), 0);
});

test('what was allowed and not made is given back, and is no more than there was', () => {
  const pace = new WritePace(new VirtualClock());
  while (pace.allowance(int32Max) > 0);
  pace.giveBack(30);
  assert.deepEqual(
    [pace.allowance(int32Max), pace.allowance(int32Max), pace.allowance(int32Max)],
    [20, 10, 0],
  );
  pace.giveBack(1_000_000);
  let made = 0;
  for (let count = pace.allowance(int32Max); count > 0; count = pace.allowance(int32Max)) made += count;
  assert.equal(made, 10_000);
});

test('what comes with each object counts too', () => {
  const pace = new WritePace(new VirtualClock());
  assert.equal(pace.allowance(400, 10), 400);
  assert.equal(pace.allowance(400, 100), 20);
});

test('so many writes are under way at once, the others wait in order', async () => {
  const pace = new WritePace(new VirtualClock());
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const all = Array.from({ length: 100 }, (_, i) =>
    pace.write(() => {
      begun.push(i);
      return new Promise<void>((resolve) => ends.push(resolve));
    }),
  );
  assert.equal(begun.length, 64);
  ends[5]!();
  await all[5];
  assert.deepEqual(begun.slice(64), [64]);
  for (let i = 0; i < ends.length; i++) {
    ends[i]!();
    await all[i];
  }
  await Promise.all(all);
  assert.deepEqual(
    begun,
    begun.toSorted((a, b) => a - b),
  );
});
