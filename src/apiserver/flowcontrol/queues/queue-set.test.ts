/** The scenarios and the expected averages are those of upstream's tests of its queueset. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '#base/clock.ts';
import { Integrator } from '../metrics/integrator.ts';
import { LevelSeries } from '../metrics/level-series.ts';
import { SchemaSeries } from '../metrics/schema-series.ts';
import { deal } from './dealer.ts';
import { QueueSet, type Queuing } from './queue-set.ts';
import { QueuedRequest, type RequestDetail } from './queued-request.ts';

const noDetail = {} as RequestDetail;

interface TimedEvent {
  readonly atMs: number;
  readonly order: number;
  run?(): void;
}

/** Runs what is due in order of time, without a promise: thousands of requests a test. */
class EventClock implements Clock {
  #nowMs = 0;
  #order = 0;
  readonly #events: TimedEvent[] = [];

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void) {
    const event: TimedEvent = { atMs: this.#nowMs + Math.max(delayMs, 0), order: this.#order++, run };
    const isLater = (other: TimedEvent) => other.atMs > event.atMs;
    const place = this.#events.findIndex(isLater);
    this.#events.splice(place < 0 ? this.#events.length : place, 0, event);
    return { cancel: () => delete event.run };
  }

  nextTurn(run: () => void): void {
    this.after(0, run);
  }

  runTo(endMs: number): void {
    while (this.#events.length > 0 && this.#events[0]!.atMs <= endMs) {
      const event = this.#events.shift()!;
      this.#nowMs = event.atMs;
      event.run?.();
    }
    if (Number.isFinite(endMs)) this.#nowMs = endMs;
  }
}

interface Client {
  readonly hash: bigint;
  readonly threads: number;
  readonly calls: number;
  readonly execMs: number;
  /** Negative: the next request is sent before the last has ended. */
  readonly thinkMs: number;
  readonly initialSeats: number;
  readonly finalSeats: number;
  readonly padMs: number;
  /** Half of the threads begin in the second half. */
  readonly isSplit: boolean;
}

const client = (
  hash: bigint,
  threads: number,
  calls: number,
  execMs: number,
  thinkMs: number,
  more: Partial<Client> = {},
): Client => ({
  hash,
  threads,
  calls,
  execMs,
  thinkMs,
  initialSeats: 1,
  finalSeats: 1,
  padMs: 0,
  isSplit: false,
  ...more,
});

interface Scenario {
  readonly queuing: Queuing;
  readonly seats: number;
  readonly clients: readonly Client[];
  readonly evalMs: number;
  readonly margins: readonly number[];
  readonly averages?: readonly number[];
  readonly isUnfair?: boolean;
}

/** Equal shares, but no client gets more than its demand. */
function fairParts(demands: readonly number[], capacity: number): number[] {
  const parts = demands.map(() => 0);
  const byDemand = demands.map((_, i) => i).sort((a, b) => demands[a]! - demands[b]!);
  let [rest, count] = [capacity, demands.length];
  for (const i of byDemand) {
    parts[i] = Math.min(demands[i]!, rest / count);
    rest -= parts[i]!;
    count--;
  }
  return parts;
}

class Run {
  readonly #clock = new EventClock();
  readonly #scenario: Scenario;
  readonly #set: QueueSet;
  readonly #averages: readonly Integrator[];
  readonly #series: readonly SchemaSeries[];
  readonly #executing: number[];
  rejected = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const { queuing, seats, clients } = scenario;
    this.#set = new QueueSet(this.#clock, new LevelSeries('level', 0), queuing, seats, Math.max(1, seats));
    this.#averages = clients.map(() => new Integrator(0));
    this.#executing = clients.map(() => 0);
    this.#series = clients.map((_, i) => new SchemaSeries('level', `client${i}`));
    for (const [i, { threads, isSplit, calls }] of clients.entries()) {
      for (let thread = 0; thread < threads; thread++) {
        const isLate = isSplit && thread >= threads / 2;
        const delayMs = (90 * thread + 20 * i) / 1e6 + (isLate ? scenario.evalMs / 2 : 0);
        this.#clock.after(delayMs, () => this.#call(i, isLate ? calls / 2 : calls));
      }
    }
  }

  evaluate(endMs: number, isLast: boolean, margin: number): void {
    const { clients, seats, averages, isUnfair = false } = this.#scenario;
    this.#clock.runTo(endMs);
    const demands = clients.map(({ threads, isSplit, initialSeats, execMs, thinkMs }) => {
      const running = isSplit && !isLast ? threads / 2 : threads;
      return (running * initialSeats * execMs) / (thinkMs + execMs);
    });
    const expected = averages ?? fairParts(demands, seats);
    const got = this.#averages.map((average) => average.reset(endMs).average);
    const isFair = got.map((average, i) => Math.abs(average / expected[i]! - 1) <= margin + 1e-6);
    assert.deepEqual(
      isFair,
      isFair.map(() => !isUnfair),
      `${got} of ${expected}`,
    );
  }

  finish(): void {
    this.#clock.runTo(Number.POSITIVE_INFINITY);
    const { requestsWaiting, requestsExecuting, seatsInUse, seatsWaiting, isIdle } = this.#set;
    assert.deepEqual(
      [requestsWaiting, requestsExecuting, seatsInUse, seatsWaiting, isIdle],
      [0, 0, 0, 0, true],
    );
    for (const { inQueueRequests, inQueueSeats, executingRequests, executingSeats } of this.#series) {
      assert.deepEqual([inQueueRequests, inQueueSeats, executingRequests, executingSeats], [0, 0, 0, 0]);
    }
  }

  #call(i: number, callsLeft: number): void {
    if (callsLeft <= 0) return;
    const { hash, execMs, thinkMs, initialSeats, finalSeats, padMs } = this.#scenario.clients[i]!;
    const { queues, handSize } = this.#scenario.queuing;
    const execute = () => {
      this.#note(i, initialSeats);
      this.#clock.after(execMs + thinkMs, () => this.#call(i, callsLeft - 1));
      this.#clock.after(execMs, () => {
        this.#note(i, -initialSeats);
        this.#set.finish(request);
      });
    };
    let wasDispatched = false;
    const work = { initialSeats, finalSeats, additionalLatencyMs: padMs };
    const request = new QueuedRequest(work, this.#series[i]!, '', noDetail);
    request.onDispatched = () => {
      wasDispatched = true;
      execute();
    };
    const hand = queues > 0 ? deal(hash, queues, handSize) : [];
    if (this.#set.start(request, hand) !== undefined) this.rejected++;
    else if (request.state === 'executing' && !wasDispatched) execute();
  }

  #note(i: number, seats: number): void {
    this.#executing[i]! += seats;
    this.#averages[i]!.set(this.#executing[i]!, this.#clock.monotonicMs());
  }
}

function check(name: string, scenario: Scenario, areAllDispatched = true): void {
  test(`requests of several clients – ${name} – get their parts`, () => {
    const run = new Run(scenario);
    const [first, second] = scenario.margins;
    if (second !== undefined) run.evaluate(scenario.evalMs / 2, false, first!);
    run.evaluate(scenario.evalMs, true, second ?? first!);
    run.finish();
    assert.equal(run.rejected === 0, areAllDispatched);
  });
}

const queuing = (queues: number, queueLengthLimit: number, handSize: number): Queuing => ({
  queues,
  queueLengthLimit,
  handSize,
});
const [firstHash, secondHash] = [1001001001n, 2002002002n];
const second = 1000;
/** A nanosecond less. */
const barely = second - 1e-6;

check('one client', {
  queuing: queuing(9, 8, 3),
  seats: 1,
  clients: [client(firstHash, 1, 21, second, 0)],
  evalMs: 20 * second,
  margins: [0],
});
for (const seats of [0, 2]) {
  check(`exempt, ${seats} seats`, {
    queuing: queuing(-1, 2, 3),
    seats,
    clients: [client(firstHash, 5, 20, second, second, { initialSeats: 3 })],
    evalMs: 40 * second,
    averages: [7.5],
    margins: [0],
  });
}

const half = second / 2;
const separations: readonly (readonly [number, number, number, number, number, number?])[] = [
  [second, 0, 1, 1, 1],
  [second, 0, 1, 2, 1],
  [second, 0, 2, 2, 1],
  [second, 0, 1, 1, 2],
  [second, 0, 1, 2, 2],
  [second, 0, 2, 2, 2],
  [0, second, 1, 1, 1, 0.5],
  [0, second, 1, 2, 1],
  [0, second, 2, 2, 1, 0.5],
  [0, second, 1, 1, 2, 0.25],
  [0, second, 1, 2, 2, 0.5],
  [0, second, 2, 2, 2, 0.25],
  [second, half, 1, 1, 1],
  [second, half, 1, 2, 1],
  [second, half, 2, 2, 1],
  [second, half, 1, 1, 2, 1 / 3],
  [second, half, 1, 2, 2],
  [second, half, 2, 2, 2, 1 / 3],
  [half, second, 1, 1, 1, 0.5],
  [half, second, 1, 2, 1],
  [half, second, 2, 2, 1, 0.5],
  [half, second, 1, 1, 2, 0.25],
  [half, second, 1, 2, 2, 0.5],
  [half, second, 2, 2, 2, 0.25],
];
for (const [thinkMs, padMs, finalSeats, seats, clients, average] of separations) {
  const hashes = [firstHash, secondHash].slice(0, clients);
  check(`thinking ${thinkMs}, lingering ${padMs} on ${finalSeats}, ${clients} clients, ${seats} seats`, {
    queuing: queuing(9, 8, 3),
    seats,
    clients: hashes.map((hash) => client(hash, 1, 25, second, thinkMs, { finalSeats, padMs })),
    evalMs: 24 * second,
    margins: [0],
    ...(average === undefined ? {} : { averages: hashes.map(() => average) }),
  });
}

check('equal flows, a queue each', {
  queuing: queuing(9, 8, 1),
  seats: 4,
  clients: [client(firstHash, 8, 20, second, barely), client(secondHash, 8, 20, second, barely)],
  evalMs: 50 * second,
  margins: [0.01],
});
check('equal flows, hands of three', {
  queuing: queuing(8, 16, 3),
  seats: 4,
  clients: [client(400900100100n, 8, 30, second, barely), client(300900200200n, 8, 30, second, barely)],
  evalMs: 60 * second,
  margins: [0.03],
});
check('different demands above their parts', {
  queuing: queuing(9, 8, 1),
  seats: 4,
  clients: [client(firstHash, 8, 20, second, second), client(secondHash, 7, 30, second, half)],
  evalMs: 40 * second,
  margins: [0.01],
});
check('one demand below its part', {
  queuing: queuing(9, 6, 1),
  seats: 3,
  clients: [client(firstHash, 4, 20, second, barely), client(secondHash, 2, 20, second, barely)],
  evalMs: 20 * second,
  margins: [0.01],
});
check('different widths', {
  queuing: queuing(64, 13, 7),
  seats: 6,
  clients: [
    client(10010010010010n, 13, 10, second, barely),
    client(20020020020020n, 7, 10, second, barely, { initialSeats: 2 }),
  ],
  evalMs: 20 * second,
  margins: [0.155],
});
check('one wider than all seats', {
  queuing: queuing(64, 35, 7),
  seats: 6,
  clients: [
    ...[40040040040040n, 50050050050050n, 60060060060060n, 70070070070070n].map((hash) =>
      client(hash, 15, 21, second, barely, { initialSeats: 2 }),
    ),
    client(90090090090090n, 15, 21, second, barely, { initialSeats: 7 }),
  ],
  evalMs: 225 * second,
  margins: [0.33],
});
check('a client that held back for a while', {
  queuing: queuing(9, 6, 1),
  seats: 3,
  clients: [
    client(firstHash, 2, 40, second, -1e-6),
    client(secondHash, 2, 40, second, -1e-6, { isSplit: true }),
  ],
  evalMs: 40 * second,
  margins: [0.01, 0.26],
});
check(
  'without queues',
  {
    queuing: queuing(0, 0, 0),
    seats: 4,
    clients: [client(firstHash, 6, 10, second, 57), client(secondHash, 4, 15, second, 750)],
    evalMs: 13 * second,
    margins: [0.2],
    isUnfair: true,
  },
  false,
);

test('all seats taken by a flow – the first request of another flow – begins beyond the limit, up to a bound', () => {
  const series = new SchemaSeries('level', 'schema');
  const set = new QueueSet(
    new EventClock(),
    new LevelSeries('level', 0),
    { ...queuing(64, 10, 1), seatsBeside: 2 },
    4,
    4,
  );
  const start = (queue: number, initialSeats: number) => {
    const work = { initialSeats, finalSeats: 0, additionalLatencyMs: 0 };
    const request = new QueuedRequest(work, series, '', noDetail);
    set.start(request, [queue]);
    return request;
  };
  const lists = [start(0, 4), start(0, 4)];
  assert.deepEqual(
    lists.map(({ state }) => state),
    ['executing', 'waiting'],
  );
  assert.equal(start(1, 2).state, 'waiting', 'for more than one seat');
  const beside = start(2, 1);
  assert.equal(beside.state, 'executing');
  assert.equal(start(2, 1).state, 'waiting', 'another of that flow');
  assert.equal(start(3, 1).state, 'executing');
  assert.equal(start(4, 1).state, 'waiting', 'there are two already');
  set.finish(beside);
  assert.equal(start(5, 1).state, 'executing');
});
