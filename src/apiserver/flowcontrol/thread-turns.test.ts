import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Clock } from '#base/clock.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { ThreadFlow } from './thread-flow.ts';
import { ThreadTurns } from './thread-turns.ts';

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

test('twelve requests that wait for I/O – after 20 ms – no longer hold back the rest of their flow', async () => {
  const { clock, begun, ask } = start();
  const flood = new ThreadFlow();
  ask('other', new ThreadFlow());
  for (let i = 0; i < 13; i++) ask(`flood ${i}`, flood);
  await clock.advance(19);
  assert.deepEqual(begun, []);
  await clock.advance(2);
  assert.deepEqual(begun, ['flood 12']);
});

test('a thread that one flow keeps busy – another flow sends a request – it begins at once, as long as the flow has used less', async () => {
  let nowMs = 0;
  const clock: Clock = {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    after: () => ({ cancel: () => undefined }),
    nextTurn: (fn) => void setImmediate(fn),
  };
  const turns = new ThreadTurns(clock);
  const [flood, other] = [new ThreadFlow(), new ThreadFlow()];
  for (let i = 0; i < 4; i++) assert.ok(turns.mayBegin(flood, nowMs));
  nowMs += 2;
  assert.equal(turns.mayBegin(flood, nowMs), false);
  let begun = 0;
  const takeMillisecond = () => {
    begun++;
    nowMs += 1;
    turns.ended(flood);
  };
  for (let i = 0; i < 100; i++) turns.wait(flood, takeMillisecond);
  while (begun < 20) await new Promise((resolve) => setImmediate(resolve));
  let atOnce = 0;
  for (; turns.mayBegin(other, nowMs); atOnce++) turns.ended(other);
  assert.ok(atOnce >= 4 && atOnce <= 8, `${atOnce} began at once`);
});

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Clients in a closed loop: a connection that has its answer sends its next request when it is read from. */
function startConnections(t: TestContext, count: number, isShared: boolean) {
  const { clock, turns } = start();
  const flow = new ThreadFlow();
  if (isShared) turns.mayBegin(new ThreadFlow(), clock.monotonicMs());
  const connections = Array.from({ length: count }, () => ({ asked: 0, isRead: true }));
  const state = { arrivals: 0, isOver: false };
  t.after(() => {
    state.isOver = true;
  });
  const ask = (index: number) => {
    const connection = connections[index]!;
    if (state.isOver) return;
    state.arrivals++;
    connection.asked++;
    const answer = () => {
      turns.ended(flow, reading);
      if (connection.isRead) setImmediate(() => ask(index));
    };
    const reading = {
      pause() {
        connection.isRead = false;
      },
      resume() {
        connection.isRead = true;
        setImmediate(() => ask(index));
      },
    };
    if (turns.mayBegin(flow, clock.monotonicMs())) setImmediate(answer);
    else turns.wait(flow, () => setImmediate(answer));
  };
  for (const index of connections.keys()) ask(index);
  return { state, connections, unread: () => connections.filter(({ isRead }) => !isRead).length };
}

test('a flow alone – a hundred connections – all are read from', async (t) => {
  const { unread } = startConnections(t, 100, false);
  for (let turn = 0; turn < 100; turn++) {
    await nextTurn();
    assert.equal(unread(), 0);
  }
});

test('a flood of a hundred connections beside another flow – most are not read from, in turn; few requests come at the same time', async (t) => {
  const { state, connections, unread } = startConnections(t, 100, true);
  for (let turn = 0; turn < 30; turn++) await nextTurn();
  for (let turn = 0; turn < 300; turn++) {
    const before = state.arrivals;
    await nextTurn();
    assert.ok(state.arrivals - before <= 8, `${state.arrivals - before} requests came in one turn`);
    assert.ok(unread() >= 70, `${unread()} connections are not read from`);
  }
  const asked = connections.map((connection) => connection.asked);
  assert.ok(Math.min(...asked) > 2);
  assert.ok(Math.max(...asked) - Math.min(...asked) <= 2, `requests of each: ${asked}`);
});

test('a flood – that ends while most of its connections are not read from – they are read from within a few turns', async (t) => {
  const { state, unread } = startConnections(t, 100, true);
  for (let turn = 0; turn < 50; turn++) await nextTurn();
  state.isOver = true;
  for (let turn = 0; turn < 50; turn++) await nextTurn();
  assert.equal(unread(), 0);
});
