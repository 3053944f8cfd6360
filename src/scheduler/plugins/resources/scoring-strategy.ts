/** The strategies by which NodeResourcesFit scores a node, over any resources with weights; integer arithmetic as upstream. */

import type {
  ResourceWeight,
  ScoringStrategy,
  ShapePoint,
} from '#api/configuration/scheduler/fit-arguments.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import { scoreMax } from '../../framework.ts';

/** Of what the pod would make of the node's requests. */
interface Amounts {
  readonly requested: number;
  readonly capacity: number;
}

type AmountsOn = (node: NodeInfo) => Amounts;

/** The score of each node for the pod. */
export function strategyScore(pod: PodInfo, strategy: ScoringStrategy): (node: NodeInfo) => number {
  const counted = strategy.resources.flatMap(({ name, weight }) => {
    const amountsOn = amountsOf(name, pod);
    return amountsOn ? [{ weight, amountsOn }] : [];
  });
  const { score, skipsZero, divide } = rules(strategy);
  return (node) => {
    let sum = 0;
    let weights = 0;
    for (const { weight, amountsOn } of counted) {
      const amounts = amountsOn(node);
      if (amounts.capacity === 0) continue;
      const each = score(amounts);
      if (skipsZero && each <= 0) continue;
      sum += weight * each;
      weights += weight;
    }
    return weights === 0 ? 0 : divide(sum / weights);
  };
}

interface Rules {
  score(amounts: Amounts): number;
  /** A resource with the score 0 does not count. */
  readonly skipsZero: boolean;
  divide(quotient: number): number;
}

function rules({ type, shape = [] }: ScoringStrategy): Rules {
  if (type === 'RequestedToCapacityRatio') {
    return { score: (amounts) => byShape(shape, amounts), skipsZero: true, divide: Math.round };
  }
  const score = type === 'MostAllocated' ? mostAllocated : leastAllocated;
  return { score, skipsZero: false, divide: Math.trunc };
}

function leastAllocated({ requested, capacity }: Amounts): number {
  return requested > capacity ? 0 : Math.trunc(((capacity - requested) * scoreMax) / capacity);
}

function mostAllocated({ requested, capacity }: Amounts): number {
  return Math.trunc((Math.min(requested, capacity) * scoreMax) / capacity);
}

/** Linear between the points, level before the first and after the last. Scores of points are from 0 to 10. */
function byShape(shape: readonly ShapePoint[], { requested, capacity }: Amounts): number {
  const percent = requested > capacity ? 100 : Math.trunc((requested * 100) / capacity);
  const scaled = ({ score }: ShapePoint) => score * (scoreMax / 10);
  const i = shape.findIndex(({ utilization }) => percent <= utilization);
  const [before, point] = i < 0 ? [undefined, shape.at(-1)] : [shape[i - 1], shape[i]];
  if (!point) return 0;
  if (!before) return scaled(point);
  const rise = (scaled(point) - scaled(before)) * (percent - before.utilization);
  return scaled(before) + Math.trunc(rise / (point.utilization - before.utilization));
}

/** Undefined for a scalar resource that the pod does not request: it does not count. */
function amountsOf(name: ResourceWeight['name'], pod: PodInfo): AmountsOn | undefined {
  const { milliCpu, memoryBytes, ephemeralStorageBytes, scalars } = pod.nonZeroRequests;
  if (name === 'cpu') {
    return ({ allocatable, nonZeroMilliCpu }) => ({
      requested: nonZeroMilliCpu + milliCpu,
      capacity: allocatable.milliCpu,
    });
  }
  if (name === 'memory') {
    return ({ allocatable, nonZeroMemoryBytes }) => ({
      requested: nonZeroMemoryBytes + memoryBytes,
      capacity: allocatable.memoryBytes,
    });
  }
  if (name === 'ephemeral-storage') {
    return ({ allocatable, requested }) => ({
      requested: requested.ephemeralStorageBytes + ephemeralStorageBytes,
      capacity: allocatable.ephemeralStorageBytes,
    });
  }
  const wanted = scalars?.get(name) ?? 0;
  if (wanted === 0) return undefined;
  return ({ allocatable, requested }) => ({
    requested: (requested.scalars?.get(name) ?? 0) + wanted,
    capacity: allocatable.scalars?.get(name) ?? 0,
  });
}
