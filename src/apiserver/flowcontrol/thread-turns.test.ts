import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { ThreadFlow, ThreadTurns } from './thread-turns.ts';

/** Requests of flows, each of which takes the thread for `ms`. */
function start() {
  const clock = new VirtualClock();
  const turns = new ThreadTurns(clock);
  const begun: string[] = [];
  const ask = (name: string, flow: ThreadFlow): boolean => {
    if (turns.mayBegin(flow, clock.monotonicMs())) return true;
    turns.wait(flow, () => begun.push(name));
    return false;
  };
  return { clock, turns, begun, ask };
}

test('a flow alone – any number of requests – all begin at once', () => {
  const { ask } = start();
  const flow = new ThreadFlow();
  assert.ok(Array.from({ length: 100 }, () => ask('x', flow)).every(Boolean));
});

test('a flood beside another flow – twelve under way – the others wait, the other flow does not', async () => {
  const { clock, turns, begun, ask } = start();
  const [flood, other] = [new ThreadFlow(), new ThreadFlow()];
  ask('other', other);
  const began = Array.from({ length: 14 }, (_, i) => ask(`flood ${i}`, flood));
  assert.equal(began.filter(Boolean).length, 12);
  ask('other', other);
  await clock.advance(0);
  assert.deepEqual(begun, ['other']);
  turns.ended(flood);
  await clock.advance(0);
  assert.deepEqual(begun, ['other', 'flood 12']);
});

test('twelve that wait for something else – 20 ms – keep the rest of their flow no longer', async () => {
  const { clock, begun, ask } = start();
  const flood = new ThreadFlow();
  ask('other', new ThreadFlow());
  for (let i = 0; i < 13; i++) ask(`flood ${i}`, flood);
  await clock.advance(19);
  assert.deepEqual(begun, []);
  await clock.advance(2);
  assert.deepEqual(begun, ['flood 12']);
});
