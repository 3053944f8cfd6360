import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { TablePace } from './table-pace.ts';

test('table pace – written as often as allowed – three at once, then at most three in 750 ms', async () => {
  const clock = new VirtualClock();
  const pace = new TablePace(clock);
  const times: number[] = [];
  for (let i = 0; i < 8; i++) {
    await clock.advance(Math.max(20, pace.pauseMs()));
    pace.written();
    times.push(clock.monotonicMs());
  }
  assert.deepEqual(times, [20, 40, 60, 770, 790, 810, 1520, 1540]);
});

test('table pace – a table long after the last ones – is not delayed', async () => {
  const clock = new VirtualClock();
  const pace = new TablePace(clock);
  for (let i = 0; i < 3; i++) pace.written();
  assert.equal(pace.pauseMs(), 750);
  await clock.advance(5000);
  assert.equal(pace.pauseMs(), 0);
});
