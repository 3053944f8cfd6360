import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { releaseMemoryInQuiet } from './release.ts';

const megabyte = 1024 * 1024;

async function after(seconds: number, change: Partial<typeof start>, more: Partial<typeof start> = {}) {
  const state = { ...start };
  const clock = new VirtualClock();
  const stop = releaseMemoryInQuiet(clock, {
    residentBytes: () => state.resident * megabyte,
    livingBytes: () => state.living * megabyte,
    busyShare: () => state.busy,
    waitShare: () => state.waiting,
    collect: () => {
      state.collections++;
    },
    trim: () => {
      state.trims++;
    },
  });
  Object.assign(state, change);
  await clock.advance(seconds * 1000);
  Object.assign(state, more);
  await clock.advance(seconds * 1000);
  stop();
  assert.equal(clock.pendingTimers(), 0);
  return { collections: state.collections, trims: state.trims };
}

const start = { resident: 300, living: 100, busy: 0.01, waiting: 0.01, collections: 0, trims: 0 };
const times = (collections: number, trims = collections) => ({ collections, trims });

test('memory release – grown, then quiet – collects and trims once within a minute', async () => {
  assert.deepEqual(await after(60, { resident: 400, busy: 0.9 }, { busy: 0.01 }), times(1));
  assert.deepEqual(await after(60, { resident: 400 }, { resident: 310 }), times(1));
});

test('memory release – not grown, busy, or much live data – does not collect; freed memory is trimmed', async () => {
  assert.deepEqual(await after(60, { resident: 310 }), times(0));
  assert.deepEqual(await after(60, { resident: 900, busy: 0.5 }), times(0));
  assert.deepEqual(await after(60, { resident: 900, living: 600 }), times(0, 1));
});

test('memory release – grown again after a collection – collects again', async () => {
  assert.deepEqual(await after(60, { resident: 400 }, { resident: 450 }), times(2));
});

test('memory release – quiet while processors are contended – is postponed until they are free, or for twenty seconds', async () => {
  assert.deepEqual(await after(60, { resident: 400, waiting: 0.5 }), times(1));
  assert.deepEqual(await after(30, { resident: 400, waiting: 0.5 }, { resident: 290 }), times(0));
  assert.deepEqual(await after(30, { resident: 400, waiting: 0.5 }, { waiting: 0.01 }), times(1));
});
