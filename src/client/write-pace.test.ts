import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { planChangesMax, WritePace } from './write-pace.ts';

const burst = 10_000;

function paceOf(clock: VirtualClock) {
  return new WritePace(clock, new AbortController().signal);
}

test('creations beyond the burst wait for their turn, in order', async () => {
  const clock = new VirtualClock();
  const pace = paceOf(clock);
  assert.equal(pace.creationsAtOnce, planChangesMax);
  const made: number[] = [];
  const create = (i: number) => pace.create(async () => void made.push(i));
  await Promise.all(Array.from({ length: burst }, (_, i) => create(i)));
  assert.equal(pace.creationsAtOnce, 50, 'a plan stays small when there is no burst left');
  void create(burst);
  void create(burst + 1);
  await clock.advance(5);
  assert.equal(made.length, burst);
  await clock.advance(10);
  assert.deepEqual(made.slice(burst), [burst]);
  await clock.advance(10);
  assert.deepEqual(made.slice(burst), [burst, burst + 1]);
});

test('a stop ends the waiting', async () => {
  const stopping = new AbortController();
  const pace = new WritePace(new VirtualClock(), stopping.signal);
  for (let i = 0; i < burst; i++) await pace.create(async () => {});
  const last = pace.create(async () => 'done');
  stopping.abort();
  assert.equal(await last, 'done');
});

test('so many writes are under way at once, the others wait in order', async () => {
  const pace = paceOf(new VirtualClock());
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
