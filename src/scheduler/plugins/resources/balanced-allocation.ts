/**
 * NodeResourcesBalancedAllocation: prefers nodes whose use of cpu and memory, or of the resources of its arguments,
 * becomes more balanced by the pod. Reads requests and allocatable; does not score pods that request none of them.
 * Since v1.36 the change counts: 75 for none, 100 for the best possible, 50 for the worst.
 */

import type { BalanceArguments } from '#api/configuration/scheduler/balance-arguments.ts';
import type { PlainAmounts } from '#api/pods/plain-amounts.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import { definePlugin, type SchedulerPlugin, scoreMax } from '../../framework.ts';

const half = scoreMax / 2;

/** A resource that the pod requests, or that counts whether it does or not: cpu, memory, ephemeral-storage. */
interface Counted {
  readonly read: (amounts: PlainAmounts) => number;
  readonly wanted: number;
}

export function nodeResourcesBalancedAllocation({ resources }: BalanceArguments): SchedulerPlugin {
  return definePlugin({
    name: 'NodeResourcesBalancedAllocation',
    weight: 1,
    preScore({ requests }) {
      const all = resources.map(({ name }) => {
        const read = plain.get(name) ?? ((amounts: PlainAmounts) => amounts.scalars?.get(name) ?? 0);
        return { name, read, wanted: read(requests) };
      });
      if (all.every(({ wanted }) => wanted === 0)) return undefined;
      const counted = all.filter(({ name, wanted }) => wanted > 0 || plain.has(name));
      return {
        score(node) {
          const change = balance(node, counted, 1) - balance(node, counted, 0);
          return half + Math.trunc((half + change) / 2);
        },
      };
    },
  });
}

const plain: ReadonlyMap<string, Counted['read']> = new Map([
  ['cpu', ({ milliCpu }) => milliCpu],
  ['memory', ({ memoryBytes }) => memoryBytes],
  ['ephemeral-storage', ({ ephemeralStorageBytes }) => ephemeralStorageBytes],
]);

/** 100 when all are used in the same proportion; also when only one is allocatable. `times`: how often the pod is added. */
function balance({ allocatable, requested }: NodeInfo, counted: readonly Counted[], times: 0 | 1): number {
  const parts: number[] = [];
  for (const { read, wanted } of counted) {
    const capacity = read(allocatable);
    if (capacity > 0) parts.push(Math.min(1, (read(requested) + times * wanted) / capacity));
  }
  return Math.trunc((1 - deviation(parts)) * scoreMax);
}

/** The standard deviation, as upstream rounds it. */
function deviation(parts: readonly number[]): number {
  const [first = 0, second = 0] = parts;
  if (parts.length === 2) return Math.abs((first - second) / 2);
  if (parts.length < 2) return 0;
  const mean = parts.reduce((sum, part) => sum + part, 0) / parts.length;
  return Math.sqrt(parts.reduce((sum, part) => sum + (part - mean) * (part - mean), 0) / parts.length);
}
