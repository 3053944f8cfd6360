import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleep } from '#base/clock.ts';
import { MovableClock } from './movable-clock.ts';

const hourMs = 3_600_000;

test('a movable clock – left alone – runs as the machine does', async () => {
  const clock = new MovableClock();
  const fired = Promise.withResolvers<void>();
  clock.after(1, () => fired.resolve(), { holdsProcess: true });
  await fired.promise;
  assert.ok(Math.abs(clock.now() - Date.now()) < hourMs / 2);
});

test('a movable clock – advanced – fires what falls due, in order, also what is set meanwhile', async () => {
  const clock = new MovableClock();
  const fired: string[] = [];
  const startMs = clock.monotonicMs();
  const note = (name: string) =>
    fired.push(`${name} after ${Math.floor((clock.monotonicMs() - startMs) / hourMs)} h`);
  clock.after(3 * hourMs, () => note('second'));
  clock.after(2 * hourMs, () => {
    note('first');
    clock.after(2 * hourMs, () => note('nested'));
  });
  clock.after(hourMs, () => note('cancelled')).cancel();
  clock.after(9 * hourMs, () => note('later'));
  void sleep(clock, 4.5 * hourMs).then(() => note('slept'));
  await clock.advance(5 * hourMs);
  assert.deepEqual(fired, ['first after 2 h', 'second after 3 h', 'nested after 4 h', 'slept after 4 h']);
});

test('a movable clock – after it was advanced – a timer set before fires when its rest has passed', async () => {
  const clock = new MovableClock();
  const fired = Promise.withResolvers<void>();
  clock.after(hourMs, () => fired.resolve(), { holdsProcess: true });
  await clock.advance(hourMs - 5);
  await fired.promise;
});
