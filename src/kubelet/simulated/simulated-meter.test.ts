import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { SimulatedMeter } from './simulated-meter.ts';

const key = 'simulated.kybern.dev/cpu';

function meterOf(annotations: Record<string, string>) {
  const clock = new VirtualClock();
  const startedAtMs = clock.now();
  const pod = storedPod('p', { metadata: { annotations } });
  const containers = ['a', 'b'].map((name) => ({ pod, name, id: name, image: 'i' }));
  const meter = new SimulatedMeter(clock, { startedAtMs: () => startedAtMs }, () => containers);
  const look = async () => {
    const { containers: found } = await meter.rates();
    return found.map(({ usage }) => [usage.cpuNanos / 1e9, (usage.rate?.nanoCores ?? Number.NaN) / 1e9]);
  };
  return { clock, look, meter, pod };
}

test('the use of simulated containers – scripted for the pod and for a container – is as scripted', async () => {
  const { clock, look, meter } = meterOf({ [key]: '250m', [`${key}.b`]: '2' });
  await clock.advance(4000);
  assert.deepEqual(await look(), [
    [1, 0.25],
    [8, 2],
  ]);
  const { node } = await meter.rates();
  assert.equal(node.rate?.nanoCores, 2.25e9);
});

test('CPU time – when the annotations change – grows on from what it was', async () => {
  const annotations: Record<string, string> = { [key]: '2' };
  const { clock, look } = meterOf(annotations);
  await clock.advance(10_000);
  assert.deepEqual((await look())[0], [20, 2]);
  annotations[key] = '100m';
  await clock.advance(10_000);
  assert.deepEqual((await look())[0], [21, 0.1]);
});

test('a container – whose annotations are no quantities – has no stats, and its neighbour has its own', async () => {
  const { clock, look } = meterOf({ [`${key}.a`]: 'much', [`${key}.b`]: '1' });
  await clock.advance(1000);
  assert.deepEqual(await look(), [[1, 1]]);
});
