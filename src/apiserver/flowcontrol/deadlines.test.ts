import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { Deadlines } from './deadlines.ts';

function start() {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const late: string[] = [];
  const begin = (name: string, afterMs: number) =>
    deadlines.begin(clock.monotonicMs() + afterMs, () => late.push(name));
  return { clock, deadlines, late, begin };
}

test('requests – one after the other – end each at its own time, those that were answered do not', async () => {
  const { clock, deadlines, late, begin } = start();
  begin('a', 100);
  const answered = begin('b', 100);
  await clock.advance(30);
  const c = begin('c', 100);
  deadlines.answered(answered);
  await clock.advance(69);
  assert.deepEqual(late, []);
  await clock.advance(1);
  assert.deepEqual(late, ['a']);
  assert.equal(c.isOver, false);
  await clock.advance(30);
  assert.deepEqual(late, ['a', 'c']);
  assert.equal(c.isOver, true);
  assert.equal(answered.isOver, false);
});

test('a request – with less time than those before it – ends before them, unless it was answered', async () => {
  const { clock, deadlines, late, begin } = start();
  begin('long', 100);
  begin('short', 10);
  deadlines.answered(begin('answered', 20));
  await clock.advance(10);
  assert.deepEqual(late, ['short']);
  await clock.advance(90);
  assert.deepEqual(late, ['short', 'long']);
});

test('requests that were answered – at the deadline of the first – a later request keeps its own deadline', async () => {
  const { clock, deadlines, late, begin } = start();
  deadlines.answered(begin('a', 100));
  await clock.advance(50);
  begin('b', 100);
  await clock.advance(99);
  assert.deepEqual(late, []);
  await clock.advance(1);
  assert.deepEqual(late, ['b']);
});

test('requests that were answered – then a request with an earlier deadline – it ends at its own deadline', async () => {
  const { clock, deadlines, late, begin } = start();
  deadlines.answered(begin('a', 100));
  begin('b', 10);
  await clock.advance(9);
  assert.deepEqual(late, []);
  await clock.advance(1);
  assert.deepEqual(late, ['b']);
  begin('c', 200);
  await clock.advance(90);
  deadlines.answered(begin('d', 100));
  await clock.advance(110);
  assert.deepEqual(late, ['b', 'c']);
});
