import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { durationMs, pause, rfc3339, rfc3339Micro, sleep } from './clock.ts';

test('rfc3339 – consecutive seconds, and a clock that goes back – each second has its own text', () => {
  const ms = Date.UTC(2026, 0, 2, 3, 4, 5);
  assert.equal(rfc3339(ms + 999), '2026-01-02T03:04:05Z');
  assert.equal(rfc3339(ms + 1000), '2026-01-02T03:04:06Z');
  assert.equal(rfc3339(ms), '2026-01-02T03:04:05Z');
});

test('rfc3339Micro – any time – has six digits', () => {
  assert.equal(rfc3339Micro(Date.UTC(2026, 0, 2, 3, 4, 5, 678)), '2026-01-02T03:04:05.678000Z');
});

test('sleep – its time is over, or its signal aborts – resolves, or rejects with the reason and leaves no timer', async () => {
  const clock = new VirtualClock();
  const slept = sleep(clock, 10);
  await clock.advance(10);
  await slept;
  const abort = new AbortController();
  const stopped = assert.rejects(sleep(clock, 10, abort.signal), /enough/);
  abort.abort(new Error('enough'));
  await stopped;
  assert.equal(clock.pendingTimers(), 0);
  await assert.rejects(sleep(clock, 10, abort.signal), /enough/);
});

test('pause – its signal aborts – resolves early', async () => {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const paused = pause(clock, 10, abort.signal);
  abort.abort(new Error('enough'));
  await paused;
  await pause(clock, 10, abort.signal);
  assert.equal(clock.pendingTimers(), 0);
});

describe('durationMs – seconds beyond 64 bits of nanoseconds – wrap around and always lead to a date', () => {
  test('up to the bound and over it', () => {
    assert.equal(durationMs(30), 30_000);
    assert.equal(durationMs(2 ** 31), 2 ** 31 * 1000);
    assert.equal(durationMs(9_223_372_036), 9_223_372_036_000);
    assert.equal(durationMs(9_223_372_037), -9_223_372_036_709);
  });
  for (const seconds of [2 ** 40, 2 ** 53, 2 ** 62]) {
    test(`${seconds} s`, () => {
      assert.match(rfc3339(Date.parse('2026-01-01') + durationMs(seconds)), /^\d{4}-/);
    });
  }
});
