import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { Repeater } from './repeater.ts';

function setUp(run?: () => Promise<void>) {
  const clock = new VirtualClock();
  let runs = 0;
  const repeater = new Repeater(clock, 1000, () => {
    runs++;
    return run?.();
  });
  return { clock, repeater, runs: () => runs };
}

test('a repeater – started – runs after each pause, the first time after the given time', async () => {
  const { clock, repeater, runs } = setUp();
  repeater.start(0);
  await clock.advance(0);
  assert.equal(runs(), 1);
  await clock.advance(999);
  assert.equal(runs(), 1);
  await clock.advance(1);
  assert.equal(runs(), 2);
});

test('a repeater – a run takes longer than the pause – starts the next one a pause after its end', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { clock, repeater, runs } = setUp(() => promise);
  repeater.start();
  await clock.advance(5000);
  assert.equal(runs(), 1);
  resolve();
  await clock.advance(0);
  await clock.advance(1000);
  assert.equal(runs(), 2);
});

test('a repeater – stopped during a run or before its start – does not run again', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { clock, repeater, runs } = setUp(() => promise);
  repeater.start();
  await clock.advance(1000);
  repeater.stop();
  resolve();
  await clock.advance(5000);
  repeater.start();
  await clock.advance(5000);
  assert.deepEqual([runs(), repeater.isStopped], [1, true]);
});
