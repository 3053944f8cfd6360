import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { BackOff, durationText } from './back-off.ts';

test('the first restart is free, then 10 s, doubling to 5 min, and forgotten after 10 quiet minutes', async () => {
  const clock = new VirtualClock();
  const backOff = new BackOff(clock);
  const waits: number[] = [];
  for (let crash = 0; crash < 8; crash++) {
    const failedAtMs = clock.now();
    const waitMs = backOff.remainingMs('c', failedAtMs);
    waits.push(waitMs / 1000);
    await clock.advance(waitMs);
    backOff.next('c', failedAtMs);
  }
  assert.deepEqual(waits, [0, 10, 20, 40, 80, 160, 300, 300]);
  await clock.advance(10 * 60_000 + 1);
  assert.equal(backOff.remainingMs('c', clock.now()), 0);
});

test('a clock set back makes nobody wait longer than the back-off says', async () => {
  const clock = new VirtualClock();
  const backOff = new BackOff(clock);
  const failedAtMs = clock.now();
  backOff.next('c', failedAtMs);
  clock.jump(-3_600_000);
  assert.equal(backOff.remainingMs('c', failedAtMs), 10_000);
});

test('durations read as Go writes them', () => {
  assert.deepEqual([0, 234, 1561, 10_000, 80_000, 300_000, 3_600_000].map(durationText), [
    '0s',
    '234ms',
    '1.561s',
    '10s',
    '1m20s',
    '5m0s',
    '1h0m0s',
  ]);
});
