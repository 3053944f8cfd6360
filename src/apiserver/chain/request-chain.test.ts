/**
 * How requests pass stages: in, out again, and what happens where a stage answers, throws, or has to
 * wait.
 */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { getHeapSpaceStatistics } from 'node:v8';
import { Registry } from 'prom-client';
import type { ApiResponse } from '#client/transport/transport.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { PlainRefusal } from '../contract/plain-refusal.ts';
import type { Exchange } from '../request/exchange.ts';
import { StageDurations } from '../request/stage-durations.ts';
import { RequestChain } from './request-chain.ts';
import type { Stage } from './stage.ts';

const response = (status: number): ApiResponse => ({ status, headers: {}, body: new Uint8Array() });
const rescue: Stage = {
  name: 'rescue',
  rescue: (_, error) => response(error instanceof PlainRefusal ? error.code : 500),
};

function start(stages: readonly Stage[], trusted = false) {
  const clock = new VirtualClock();
  const errors: unknown[] = [];
  const log = { error: (_: string, { error }: { error: string }) => errors.push(error) };
  const exchange = { parts: { env: { clock, log } }, trusted, startedMs: 0 } as unknown as Exchange;
  const durations = new StageDurations(new Registry());
  const chain = new RequestChain([rescue, ...stages], durations);
  return { clock, errors, exchange, durations, answer: () => chain.answer(exchange) };
}

/** Stages that write down who comes through. */
function recorded(enters: Readonly<Record<string, Stage['enter']>>) {
  const seen: string[] = [];
  const stages = Object.entries(enters).map(([name, enter]): Stage => {
    const entered: Stage['enter'] = (exchange) => {
      seen.push(`in ${name}`);
      return enter?.(exchange);
    };
    return {
      name,
      enter: entered,
      leave: (_, { status }) => void seen.push(`out ${name} ${status}`),
      end: () => void seen.push(`end ${name}`),
    };
  });
  return { seen, stages };
}

const pass = () => undefined;
const later = (ms: number, clock: VirtualClock, status?: number) =>
  new Promise<ApiResponse | undefined>((resolve) =>
    clock.after(ms, () => resolve(status === undefined ? undefined : response(status))),
  );

test('the stages – none has to wait – are passed at once, in and out in opposite orders', async () => {
  const { seen, stages } = recorded({ a: pass, b: pass, c: () => response(200) });
  const answer = start(stages).answer();
  assert.deepEqual(seen.join(), 'in a,in b,in c,end c,end b,end a,out c 200,out b 200,out a 200');
  assert.equal((await answer).status, 200);
});

describe('the stages – one answers or throws – those behind it are not entered, and all before it see the answer', () => {
  const refuse = () => {
    throw new PlainRefusal(403, 'no');
  };
  for (const [enter, status] of [
    [() => response(302), 302],
    [refuse, 403],
    [async () => refuse(), 403],
    [async () => response(302), 302],
  ] as const) {
    test(`with ${status}`, async () => {
      const { seen, stages } = recorded({ a: pass, b: enter, c: () => response(200) });
      assert.equal((await start(stages).answer()).status, status);
      assert.deepEqual(
        seen.filter((line) => !line.startsWith('end')),
        ['in a', 'in b', `out c ${status}`, `out b ${status}`, `out a ${status}`],
      );
    });
  }
});

test('a request – that no stage answers – is a 404 without a Status', async () => {
  assert.equal((await start([]).answer()).status, 404);
});

test('the stages for callers outside – a caller inside the process – are not entered', async () => {
  const { seen, stages } = recorded({ a: () => response(401), b: () => response(200) });
  const [first, ...others] = stages;
  const both = [{ ...first!, callers: 'outside' } as const, ...others];
  assert.equal((await start(both, true).answer()).status, 200);
  assert.equal((await start(both).answer()).status, 401);
  assert.equal(seen[0], 'in b');
});

test('an early answer – before the work has ended – leaves once; what comes of the work is not sent', async () => {
  const { seen, stages } = recorded({ a: pass, b: () => later(50, started.clock, 200) });
  const cancelled: string[] = [];
  const stream: Stage = {
    name: 'stream',
    enter: async () => {
      await later(50, started.clock);
      return { ...response(200), body: { start() {}, cancel: () => void cancelled.push('the list') } };
    },
  };
  const wait: Stage = {
    name: 'deadline',
    wait: (exchange) => void started.clock.after(10, () => exchange.answerEarly?.(response(504))),
  };
  let started = start([wait, ...stages]);
  const answer = started.answer();
  await started.clock.advance(10);
  assert.equal((await answer).status, 504);
  assert.deepEqual(seen.splice(0), ['in a', 'in b', 'out b 504', 'out a 504']);
  await started.clock.advance(40);
  assert.deepEqual(seen, ['end b', 'end a']);
  started = start([wait, stream]);
  void started.answer();
  await started.clock.advance(60);
  assert.deepEqual(cancelled, ['the list']);
});

test('requests that had to wait – answered – are not kept until the next full garbage collection', async () => {
  const bytes = 8 * 1000;
  const requests = 2000;
  const before = oldGenerationBytes();
  for (let i = 0; i < requests; i++) {
    const { answer, exchange } = start([{ name: 'a', enter: async () => response(200) }]);
    Object.assign(exchange, { request: { body: Array.from({ length: bytes / 8 }, () => i) } });
    await answer();
  }
  assert.ok(oldGenerationBytes() - before < (requests * bytes) / 4);
});

function oldGenerationBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')!.space_used_size;
}

test('a stage – that fails on the way out – is logged; the answer leaves through the others', async () => {
  const broken: Stage = {
    name: 'broken',
    leave() {
      throw new Error('no space left');
    },
  };
  const { seen, stages } = recorded({ a: () => response(200) });
  const { answer, errors } = start([broken, ...stages, broken]);
  assert.equal((await answer()).status, 200);
  assert.deepEqual(seen, ['in a', 'end a', 'out a 200']);
  assert.deepEqual(errors, ['no space left', 'no space left']);
});

test('how long stages take – also those that wait – is measured; instant ones belong to the next', async () => {
  const wait = (ms: number) => () => later(ms, started.clock);
  const stages: readonly Stage[] = [
    { name: 'a', enter: wait(20) },
    { name: 'instant', isInstant: true, enter: wait(0) },
    { name: 'b', enter: () => later(400, started.clock, 200) },
  ];
  const started = start(stages);
  const answer = started.answer();
  await started.clock.advance(1000);
  await answer;
  const times = ['a', 'b'].map((name) => started.durations.of(name).sum);
  assert.deepEqual(times, [0.02, 0.4]);
});
