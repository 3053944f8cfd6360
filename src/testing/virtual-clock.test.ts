import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleep } from '#base/clock.ts';
import { VirtualClock } from './virtual-clock.ts';

test('virtual clock – timers, also set meanwhile or cancelled – fire in order of their time, never when cancelled', async () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  const note = (name: string) => fired.push(`${name}@${clock.monotonicMs()}`);
  clock.after(20, () => note('b'));
  clock.after(10, () => {
    note('a');
    clock.after(5, () => note('nested'));
  });
  clock.after(15, () => note('never')).cancel();
  clock.after(31, () => note('later'));
  void sleep(clock, 12).then(() => sleep(clock, 12).then(() => note('slept')));
  await clock.advance(30);
  assert.deepEqual(fired, ['a@10', 'nested@15', 'b@20', 'slept@24']);
  assert.equal(clock.pendingTimers(), 1);
});

test('virtual clock – a jump – moves the wall clock only', async () => {
  const clock = new VirtualClock(1_000);
  clock.jump(3_600_000);
  await clock.advance(5);
  assert.equal(clock.now(), 3_601_005);
  assert.equal(clock.monotonicMs(), 5);
});
