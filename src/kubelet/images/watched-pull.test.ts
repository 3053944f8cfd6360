import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import type { PullProgress } from '#host/containerd/pull-progress.ts';
import { systemRandom } from '#host/system-env.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { watchedPull } from './watched-pull.ts';

const second = 1000;
const minute = 60 * second;
const done = (bytesDone: number, layersDone = 0): PullProgress => ({
  layersDone,
  layers: 1,
  bytesDone,
  bytes: 100,
});

/** A pull that ends when the test says so, or when it is cancelled. */
function setUp(
  look: (ms: number) => PullProgress | undefined,
  more: { readonly isUnpacking?: boolean; readonly isTooMuch?: boolean } = {},
) {
  const clock = new VirtualClock();
  const caller = new AbortController();
  const end = Promise.withResolvers<string>();
  const reports: string[] = [];
  const watching = {
    image: 'web:1',
    looks: {
      look: async () => ({ progress: look(clock.monotonicMs()), isTooMuch: more.isTooMuch ?? false }),
      isUnpacking: async () => more.isUnpacking ?? false,
      close: () => undefined,
    },
    onProgress: ({ bytesDone }: PullProgress) =>
      void reports.push(`${clock.monotonicMs() / second}s: ${bytesDone}`),
    signal: caller.signal,
  };
  const env = { clock, random: systemRandom, log: silentLog };
  const outcome = watchedPull(env, watching, (signal) => {
    signal.addEventListener('abort', () => end.reject(new Error('context canceled')));
    return end.promise;
  });
  outcome.catch(() => {});
  return { clock, caller, end, reports, outcome };
}

test('a pull – that is over soon – is not reported, and leaves no timer', async () => {
  const { clock, end, reports, outcome } = setUp(() => done(50));
  await clock.advance(29 * second);
  end.resolve('image');
  assert.equal(await outcome, 'image');
  assert.deepEqual([reports, clock.pendingTimers()], [[], 0]);
});

test('a pull – that takes long – is reported after half a minute, then less and less often', async () => {
  const { clock, reports } = setUp((ms) => done(ms / (10 * second)));
  await clock.advance(15 * minute);
  assert.deepEqual(reports, ['30s: 3', '90s: 9', '210s: 21', '450s: 45', '690s: 69']);
});

test('a pull – that gets nothing for five minutes – is ended with the reason', async () => {
  const { clock, outcome } = setUp((ms) => done(Math.min(ms, minute)));
  await clock.advance(6 * minute - 1);
  await clock.advance(1);
  const message = 'failed to pull image "web:1": nothing came from its registry for 5m0s';
  await assert.rejects(outcome, { message });
});

test('a pull – whose registry says nothing at all – is ended after five minutes', async () => {
  const { clock, outcome } = setUp(() => undefined);
  await clock.advance(5 * minute);
  await assert.rejects(outcome, /nothing came from its registry/);
});

test('a pull – whose registry sends more than it has announced – is ended with the reason', async () => {
  const { clock, outcome } = setUp(() => undefined, { isTooMuch: true });
  await clock.advance(5 * second);
  await assert.rejects(outcome, {
    message: 'failed to pull image "web:1": its registry sends more than it has announced',
  });
});

test('a pull – that has read everything, or is unpacking – may take its time', async () => {
  for (const { clock, end, outcome } of [
    setUp(() => done(100, 1)),
    setUp(() => undefined, { isUnpacking: true }),
  ]) {
    await clock.advance(60 * minute);
    end.resolve('image');
    assert.equal(await outcome, 'image');
  }
});

test('a pull – that its caller cancels – fails as the runtime says', async () => {
  const { caller, outcome } = setUp(() => done(1));
  caller.abort();
  await assert.rejects(outcome, { message: 'context canceled' });
});
