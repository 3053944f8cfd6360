import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { systemClock } from '../system-env.ts';
import { isTooMuch, type LiveMemory, watchMemory } from './watch.ts';

const gigabyte = 1024 ** 3;
const small: LiveMemory = {
  heapBytes: 0.1 * gigabyte,
  heapLimitBytes: 4 * gigabyte,
  bufferBytes: 0.1 * gigabyte,
  memoryLimitBytes: 8 * gigabyte,
};

test('live memory – too much of the heap, or of the machine including buffers – is short', () => {
  assert.equal(isTooMuch(small), false);
  assert.equal(isTooMuch({ ...small, heapBytes: 2.5 * gigabyte }), false);
  assert.equal(isTooMuch({ ...small, heapBytes: 2.7 * gigabyte }), true);
  assert.equal(isTooMuch({ ...small, bufferBytes: 3.8 * gigabyte }), false);
  assert.equal(isTooMuch({ ...small, bufferBytes: 4 * gigabyte }), true, 'buffers of stored objects');
  assert.equal(isTooMuch({ ...small, memoryLimitBytes: 0.3 * gigabyte }), true, 'a small control group');
});

/** `live` remains after a collection, `shown` is measured before it. */
function watchedProcess() {
  const clock = new VirtualClock();
  const state = { live: small, shown: small, collections: 0, collected: () => {} };
  const collect = () => {
    state.collections++;
    state.shown = { ...state.live, bufferBytes: state.shown.bufferBytes };
    state.collected();
    clock.after(100, () => {
      state.shown = state.live;
    });
  };
  const watch = watchMemory(clock, {
    memory: () => state.shown,
    collect,
    onFullCollection(callback) {
      state.collected = callback;
      return () => {
        state.collected = () => {};
      };
    },
  });
  const grow = (live: LiveMemory) => {
    state.live = live;
    state.shown = live;
  };
  return { clock, state, watch, collect, grow };
}

const full: LiveMemory = { ...small, bufferBytes: 6 * gigabyte };

test('memory watch – many buffers that survive a full collection – is short; garbage does not count', async () => {
  const { clock, state, watch, collect, grow } = watchedProcess();
  state.shown = full;
  collect();
  await clock.advance(1_000);
  assert.equal(watch.isShort, false, 'they were garbage');
  grow(full);
  collect();
  await clock.advance(1_000);
  assert.equal(watch.isShort, true);
  watch.stop();
  assert.equal(clock.pendingTimers(), 0);
});

test('memory watch – deletions while idle, then a creation – a collection shows that memory is sufficient', async () => {
  const { clock, state, watch, collect, grow } = watchedProcess();
  grow(full);
  collect();
  await clock.advance(1_000);
  state.live = small;
  await clock.advance(60_000);
  assert.equal(watch.isShort, true, 'nothing is collected in the quiet');
  const answers = Promise.all([watch.regained(), watch.regained()]);
  await clock.advance(1_000);
  assert.deepEqual([await answers, watch.isShort, state.collections], [[true, true], false, 2]);
  watch.stop();
});

test('memory watch – memory stays short – collects at most once in five seconds', async () => {
  const { clock, state, watch, collect, grow } = watchedProcess();
  grow(full);
  collect();
  await clock.advance(1_000);
  for (let i = 0; i < 100; i++) {
    const answer = watch.regained();
    await clock.advance(300);
    assert.equal(await answer, false);
  }
  assert.equal(state.collections, 1 + 30 / 5);
  watch.stop();
});

test('memory watch – stopped while it measures – a waiting caller gets its answer', async () => {
  const { clock, watch } = watchedProcess();
  const answer = watch.regained();
  watch.stop();
  assert.equal(await answer, true);
  await clock.advance(1_000);
  assert.equal(clock.pendingTimers(), 0);
});

test('memory watch – this process, just started – is not short', async () => {
  const watch = watchMemory(systemClock);
  assert.equal(await watch.regained(), true);
  assert.equal(watch.isShort, false);
  watch.stop();
});
