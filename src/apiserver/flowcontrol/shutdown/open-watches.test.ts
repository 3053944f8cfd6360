import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { OpenWatches } from './open-watches.ts';

function open(count: number) {
  const clock = new VirtualClock();
  const watches = new OpenWatches(clock);
  const ended: number[] = [];
  const ends = Array.from({ length: count }, (_, i) => () => void ended.push(i));
  for (const end of ends) watches.add(end);
  return { clock, watches, ended, ends };
}

test('open watches – without a grace period – end at once', async () => {
  const { watches, ended } = open(1000);
  const over = watches.end(0);
  assert.equal(ended.length, 1000);
  await over;
});

for (const [count, graceMs, inASecond, why] of [
  [1000, 60_000, 200, 'the usual rate'],
  [1000, 2000, 500, 'as many as the period asks for'],
] as const) {
  test(`${count} open watches – with a grace period of ${graceMs} ms – end at ${inASecond} a second, ${why}`, async () => {
    const { clock, watches, ended, ends } = open(count);
    let isOver = false;
    const over = watches.end(graceMs).then(() => {
      isOver = true;
    });
    assert.equal(watches.isOver, true);
    watches.remove(ends[count - 1]!);
    await clock.advance(950);
    assert.deepEqual([ended.length, isOver], [inASecond, false]);
    await clock.advance(graceMs);
    await over;
    assert.equal(ended.length, count - 1, 'one had gone by itself');
  });
}
