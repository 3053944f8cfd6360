/** Back-offs: failures in, waiting times out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { BackOff, BackOffs, backOffMs } from './back-off.ts';

test('a back-off – restarts in a row – is 0, then 10 s, doubled up to 5 min, and reset by 10 quiet minutes', async () => {
  const clock = new VirtualClock();
  const backOff = new BackOffs(() => clock.now(), { initialMs: 10_000, maxMs: 300_000 });
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

test('a back-off – the clock is set back – lasts no longer', async () => {
  const clock = new VirtualClock();
  const backOff = new BackOffs(() => clock.now(), { initialMs: 10_000, maxMs: 300_000 });
  const failedAtMs = clock.now();
  backOff.next('c', failedAtMs);
  clock.jump(-3_600_000);
  assert.equal(backOff.remainingMs('c', failedAtMs), 10_000);
});

test('back-off – a number of failures in a row – doubles up to the limit, however many there are', () => {
  const limits = { initialMs: 1_000, maxMs: 10_000 };
  assert.deepEqual(
    [1, 2, 4, 5, 5_000].map((failures) => backOffMs(limits, failures)),
    [1_000, 2_000, 8_000, 10_000, 10_000],
  );
});

test('back-off – a quiet while – starts again from the shortest wait', async () => {
  const clock = new VirtualClock();
  const random = { float: () => 0.5, bytes: (length: number) => new Uint8Array(length), uuid: () => '' };
  const backOff = new BackOff(
    { clock, random },
    { initialMs: 800, maxMs: 2_000, jitter: 1, resetAfterMs: 60_000 },
  );
  assert.deepEqual([backOff.nextMs(), backOff.nextMs(), backOff.nextMs()], [1_200, 2_400, 3_000]);
  await clock.advance(60_001);
  assert.equal(backOff.nextMs(), 1_200);
});

test('back-offs – a key that failed just now – waits from then, and others do not', async () => {
  const clock = new VirtualClock();
  const backOffs = new BackOffs(() => clock.monotonicMs(), { initialMs: 1_000, maxMs: 900_000 });
  backOffs.next('default/ds/n');
  assert.equal(backOffs.remainingMs('default/ds/n'), 1_000);
  backOffs.next('default/ds/n');
  assert.deepEqual([backOffs.remainingMs('default/ds/n'), backOffs.remainingMs('default/ds/m')], [2_000, 0]);
  backOffs.forget('default/ds/');
  assert.equal(backOffs.remainingMs('default/ds/n'), 0);
});
