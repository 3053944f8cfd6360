/**
 * How many replicas keep the pods' usage at its target. Follows upstream's replica calculator:
 *
 *   1. Usage of the ready pods, divided by the target, times their number.
 *   2. With metrics missing, or unready pods and a ratio above 1, the ratio is computed again: missing pods count as
 *      idle when it would scale up and as fully used when it would scale down; unready pods count as idle.
 *   3. Nothing changes within the tolerance, or when the second ratio points in the other direction.
 */

import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { asInt32, asInt64, ceilInt32, sumInt64 } from './go-int.ts';
import { MetricError } from './metric-error.ts';
import { groupPods, type PodMetric, type PodMetrics, type ReadinessTimes } from './pod-groups.ts';
import { requestsByPod } from './pod-requests.ts';
import { isTolerable, type Tolerances } from './tolerances.ts';

export interface PodsView {
  /** Those that the scale target's selector selects. */
  readonly pods: readonly Stored<Pod>[];
  readonly currentReplicas: number;
  readonly tolerances: Tolerances;
  readonly times: ReadinessTimes & { readonly nowMs: number };
}

/** `ratio`: usage divided by its target. `value`: average usage of a pod, in thousandths. */
export interface Usage {
  readonly ratio: number;
  readonly value: bigint;
  /** In percent of the requests. */
  readonly utilization?: number;
}

export interface PodsProposal extends Usage {
  readonly replicas: number;
}

interface Measure {
  /** Empty for a metric that is no resource. */
  readonly resource: string;
  /** What usage is compared with, once it is known that there is any. */
  usage(): (metrics: PodMetrics) => Usage;
  /** Usage of a pod without metric when it would scale down. */
  full(name: string): bigint;
}

/** `target`: percent of the requests. `container`: only that container; empty for whole pods. */
export function replicasByUtilization(
  view: PodsView,
  metrics: PodMetrics,
  { resource, container, target }: { resource: string; container: string; target: number },
): PodsProposal {
  let requests = new Map<string, bigint>();
  const fullPercent = BigInt(Math.max(100, target));
  return replicasByPods(view, metrics, {
    resource,
    usage() {
      requests = requestsByPod(view.pods, container, resource);
      return (counted) => utilizationOf(counted, requests, target);
    },
    full: (name) => ((requests.get(name) ?? 0n) * fullPercent) / 100n,
  });
}

/** `target`: average usage of a pod, in thousandths. */
export function replicasByAverage(
  view: PodsView,
  metrics: PodMetrics,
  { resource, target }: { resource: string; target: bigint },
): PodsProposal {
  return replicasByPods(view, metrics, {
    resource,
    usage: () => (counted) => averageOf(counted, target),
    full: () => target,
  });
}

function replicasByPods(view: PodsView, all: PodMetrics, measure: Measure): PodsProposal {
  const { pods, currentReplicas, tolerances, times } = view;
  if (pods.length === 0) {
    throw new MetricError('no pods returned by selector while calculating replica count');
  }
  const { readyCount, unready, missing, ignored } = groupPods(pods, all, measure.resource, times);
  const metrics = new Map([...all].filter(([name]) => !ignored.has(name) && !unready.has(name)));
  if (metrics.size === 0) {
    throw new MetricError('did not receive metrics for targeted pods (pods might be unready)');
  }
  const usageOf = measure.usage();
  const usage = usageOf(metrics);
  const { ratio } = usage;
  const isHeldBack = unready.size > 0 && ratio > 1;
  if (!isHeldBack && missing.size === 0) {
    const replicas = isTolerable(ratio, tolerances) ? currentReplicas : ceilInt32(ratio * readyCount);
    return { ...usage, replicas };
  }
  if (ratio < 1) for (const name of missing) metrics.set(name, guessed(measure.full(name)));
  if (ratio > 1) for (const name of missing) metrics.set(name, guessed(0n));
  if (isHeldBack) for (const name of unready) metrics.set(name, guessed(0n));
  const { ratio: cautious } = usageOf(metrics);
  const replicas = ceilInt32(cautious * metrics.size);
  const isSteady = isTolerable(cautious, tolerances) || turns(ratio, cautious);
  const isReversed = turns(cautious, replicas / currentReplicas);
  return { ...usage, replicas: isSteady || isReversed ? currentReplicas : replicas };
}

function guessed(value: bigint): PodMetric {
  return { value, timestampMs: 0, windowMs: 0 };
}

/** One is below and the other above 1. */
function turns(ratio: number, other: number): boolean {
  return (ratio < 1 && other > 1) || (ratio > 1 && other < 1);
}

/** Metrics of pods that are not known do not count. */
function utilizationOf(metrics: PodMetrics, requests: ReadonlyMap<string, bigint>, target: number): Usage {
  const known = [...metrics].filter(([name]) => requests.has(name));
  const used = sumInt64(known.map(([, { value }]) => value));
  const requested = sumInt64(known.map(([name]) => requests.get(name) ?? 0n));
  if (requested === 0n) throw new MetricError('no metrics returned matched known pods');
  const utilization = asInt32((used * 100n) / requested);
  return { ratio: utilization / target, utilization, value: used / BigInt(known.length) };
}

function averageOf(metrics: PodMetrics, target: bigint): Usage {
  const used = sumInt64([...metrics.values()].map(({ value }) => value));
  const value = asInt64(used / BigInt(metrics.size));
  return { ratio: Number(value) / Number(target), value };
}
