import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { type Measured, SampledMeter } from './sampled-meter.ts';
import type { GroupStats } from './usage.ts';

const stats = (cpuNanos: number): GroupStats => ({
  cpuNanos,
  memoryBytes: 3,
  workingSetBytes: 2,
  rssBytes: 1,
  swapBytes: 0,
  pageFaults: 0,
  majorPageFaults: 0,
});

/** A node that uses a core, with containers that use half a core each. */
function meterOf(containers: Map<string, number>) {
  const clock = new VirtualClock();
  let passes = 0;
  const reader = {
    async measure(): Promise<Measured> {
      passes++;
      return {
        node: stats(clock.monotonicMs() * 1e6),
        containers: Array.from(containers, ([id, startedAtMs]) => ({
          pod: storedPod('p'),
          name: 'main',
          image: 'i',
          id,
          startedAtMs,
          usage: stats((clock.now() - startedAtMs) * 0.5e6),
        })),
      };
    },
    podStats: async () => undefined,
  };
  return { clock, meter: new SampledMeter(clock, reader), passes: () => passes };
}

const cores = (use: Awaited<ReturnType<SampledMeter['rates']>>) =>
  use.containers.map(({ usage }) => usage.rate && [usage.rate.windowMs, usage.rate.nanoCores / 1e9]);

test('a meter – that is not asked – measures nothing', async () => {
  const { clock, passes } = meterOf(new Map());
  await clock.advance(3_600_000);
  assert.equal(passes(), 0);
});

test('rates – asked for after a pause – are measured over a second', async () => {
  const containers = new Map<string, number>();
  const { clock, meter, passes } = meterOf(containers);
  containers.set('old', clock.now() - 3_600_000);
  const asked = meter.rates();
  await clock.advance(1000);
  const use = await asked;
  assert.deepEqual(use.node.rate, { windowMs: 1000, nanoCores: 1e9 });
  assert.deepEqual(cores(use), [[1000, 0.5]]);
  assert.equal(passes(), 2);
});

test('rates – asked for every fifteen seconds – cover the time between and are measured once each', async () => {
  const containers = new Map<string, number>();
  const { clock, meter, passes } = meterOf(containers);
  containers.set('old', clock.now() - 3_600_000);
  const first = meter.rates();
  await clock.advance(1000);
  await first;
  for (let i = 0; i < 3; i++) {
    await clock.advance(15_000);
    assert.deepEqual(cores(await meter.rates()), [[15_000, 0.5]]);
  }
  assert.equal(passes(), 5);
});

test('the rate of a container – that started since the last question – counts from its start', async () => {
  const containers = new Map<string, number>();
  const { clock, meter } = meterOf(containers);
  const first = meter.rates();
  await clock.advance(1000);
  await first;
  await clock.advance(60_000);
  containers.set('new', clock.now());
  await clock.advance(400);
  assert.deepEqual(cores(await meter.rates()), [undefined]);
  await clock.advance(6000);
  assert.deepEqual(cores(await meter.rates()), [[6400, 0.5]]);
});

test('stats – asked for by many at once, and again within seconds – are measured once', async () => {
  const { clock, meter, passes } = meterOf(new Map());
  await Promise.all([meter.stats(), meter.stats(), meter.stats()]);
  await clock.advance(4000);
  await meter.stats();
  assert.equal(passes(), 1);
  await clock.advance(2000);
  await meter.stats();
  assert.equal(passes(), 2);
});
