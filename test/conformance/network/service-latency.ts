/**
 * How long it takes from a service to its endpoints. Upstream's limits are so wide that only a fault breaks
 * them.
 */

import assert from 'node:assert/strict';
import { endpoints } from '#api/generated/kinds.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { podOf, start } from '../common/running.ts';
import { watchFromNow } from '../shared/watching.ts';
import { createService } from './asking.ts';

const iterations = 100;
const atOnce = 10;
const limitsMs = { half: 20_000, ninety: 50_000 };

async function isQuick(context: BehaviourContext): Promise<void> {
  const { namespace } = context;
  await start(context, podOf(context, 'served'));
  const watching = await watchFromNow(context, endpoints, { namespace });
  const measure = async (name: string) => {
    const began = performance.now();
    await createService(context, name, { selector: { name: 'served' }, ports: [{ port: 80 }] });
    const isComplete = ({ object }: (typeof watching.events)[number]) =>
      object.metadata.name === name && Boolean(object.subsets?.[0]?.addresses?.length);
    await watching.until(`${name} has endpoints`, isComplete);
    return performance.now() - began;
  };
  const times: number[] = [];
  for (let first = 0; first < iterations; first += atOnce) {
    const names = Array.from({ length: atOnce }, (_, i) => `latency-${first + i}`);
    times.push(...(await Promise.all(names.map(measure))));
  }
  times.sort((a, b) => a - b);
  assert.equal(times.length, iterations);
  assert.ok(times[iterations / 2]! < limitsMs.half);
  assert.ok(times[(iterations * 9) / 10]! < limitsMs.ninety);
}

export const serviceLatency: readonly Behaviour[] = [
  behaviour('[sig-network] Service endpoints latency should not be very high [Conformance]', isQuick),
];
