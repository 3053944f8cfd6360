import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { ThreadFlow } from './thread-flow.ts';
import { announcedBodyBytes, ThreadTurn, unannouncedBytes } from './thread-turn.ts';
import { ThreadTurns } from './thread-turns.ts';

const largest = 3 * 1024 * 1024;

/** A thread that two flows share. */
function start() {
  const clock = new VirtualClock();
  const turns = new ThreadTurns(clock);
  const [flood, other] = [new ThreadFlow(), new ThreadFlow()];
  turns.mayBegin(other, clock.monotonicMs());
  const ask = (flow: ThreadFlow, bodyBytes: number) => {
    const turn = new ThreadTurn(turns, flow, bodyBytes, undefined);
    return { turn, begins: turn.mayBegin(clock.monotonicMs()) };
  };
  return { clock, flood, other, ask };
}

test('requests with the largest bodies – of a flow that shares the thread – begin one after the other', async () => {
  const { clock, flood, ask } = start();
  const first = ask(flood, largest);
  const second = ask(flood, largest);
  assert.deepEqual([first.begins, second.begins], [true, false]);
  let hasBegun = false;
  const began = second.turn.wait().then(() => {
    hasBegun = true;
  });
  await clock.advance(0);
  assert.equal(hasBegun, false);
  first.turn.end();
  await clock.advance(0);
  await began;
});

test('a large body – that has come – goes on in a further turn, before requests of its flow that have not begun', async () => {
  const { clock, flood, ask } = start();
  const { turn } = ask(flood, largest);
  const order: string[] = [];
  void ask(flood, 0)
    .turn.wait()
    .then(() => order.push('next'));
  const goesOn = turn.received(largest);
  assert.ok(goesOn);
  void goesOn.then(() => order.push('body'));
  await clock.advance(0);
  turn.end();
  await clock.advance(0);
  assert.deepEqual(order, ['body', 'next']);
});

test('a small body – that has come – goes on at once', () => {
  const { flood, ask } = start();
  assert.equal(ask(flood, 1000).turn.received(1000), undefined);
});

test('a turn – that ends twice – is given back once', () => {
  const { other, ask } = start();
  const { turn } = ask(other, 0);
  const underWay = other.underWay;
  turn.end();
  turn.end();
  assert.equal(other.underWay, underWay - 1);
});

const rows: [string, Record<string, string> | undefined, string, boolean, number][] = [
  ['a length', { 'content-length': '70000' }, 'create', true, 70_000],
  ['a length that is none', { 'content-length': 'x' }, 'create', true, 0],
  ['a body in pieces', { 'transfer-encoding': 'chunked' }, 'patch', true, unannouncedBytes],
  ['a body over HTTP/2 without a length', {}, 'update', true, unannouncedBytes],
  ['no body', {}, 'get', true, 0],
  ['a deletion without options', {}, 'delete', true, 0],
  ['a call inside the process, or an upgrade', undefined, 'create', false, 0],
];
for (const [title, headers, verb, mayHaveBody, expected] of rows) {
  test(`an announced body – ${title} – ${expected} bytes`, () => {
    assert.equal(announcedBodyBytes(headers, { verb }, mayHaveBody), expected);
  });
}
