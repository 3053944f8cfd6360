import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from './clock.ts';
import { inTurns, Turns } from './turns.ts';

test('turns – work that uses up its budget – goes on in later turns, after other callbacks of the event loop', async () => {
  let nowMs = 0;
  const clock = { monotonicMs: () => nowMs, nextTurn: (fn) => void setImmediate(fn) } as Clock;
  const turns = new Turns(clock, 10);
  const order: string[] = [];
  const work = async (name: string) => {
    if (turns.isSpent) await turns.next();
    nowMs += 6;
    order.push(name);
  };
  const all = ['a', 'b', 'c', 'd', 'e'].map(work);
  setImmediate(() => order.push('socket'));
  await Promise.all(all);
  assert.deepEqual(order.slice(0, 2), ['a', 'b']);
  assert.ok(order.indexOf('socket') < order.indexOf('e'), order.join());
  assert.deepEqual(
    order.filter((name) => name !== 'socket'),
    ['a', 'b', 'c', 'd', 'e'],
  );
});

test('steps – more than one turn has time for – are all done, with turns of the event loop between them', async () => {
  let nowMs = 0;
  const clock = { monotonicMs: () => nowMs, nextTurn: (fn) => void setImmediate(fn) } as Clock;
  const order: string[] = [];
  const steps = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => () => {
    nowMs += 6;
    order.push(name);
  });
  assert.equal(inTurns(clock, steps.slice(0, 1)), undefined, 'no promise for what one turn has time for');
  const done = inTurns(clock, steps.slice(1));
  setImmediate(() => order.push('socket'));
  await done;
  assert.ok(order.indexOf('socket') < order.indexOf('g'), order.join());
  assert.equal(order.filter((name) => name !== 'socket').join(''), 'abcdefg');
});
