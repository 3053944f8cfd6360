/** Sorts an autoscaler's pods: whose metrics count, whose are missing, and who is not ready or is ending. */

import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { podCondition } from '#api/pods/state.ts';

/** What one pod uses. */
export interface PodMetric {
  /** In thousandths: of a core, of a byte, of the metric's unit. */
  readonly value: bigint;
  readonly timestampMs: number;
  /** The time before `timestampMs` in which it was measured. */
  readonly windowMs: number;
}

/** By the pod's name. */
export type PodMetrics = ReadonlyMap<string, PodMetric>;

/** As upstream's arguments of the controller manager. */
export interface ReadinessTimes {
  /** --horizontal-pod-autoscaler-cpu-initialization-period: how long after its start cpu samples may be skipped. */
  readonly cpuInitializationMs: number;
  /** --horizontal-pod-autoscaler-initial-readiness-delay: a pod whose last change to unready was that early never was ready. */
  readonly initialReadinessMs: number;
}

export interface PodGroups {
  readonly readyCount: number;
  /** Names. */
  readonly unready: ReadonlySet<string>;
  readonly missing: ReadonlySet<string>;
  readonly ignored: ReadonlySet<string>;
}

type Group = 'ready' | 'unready' | 'missing' | 'ignored';

/** `resource`: empty for a metric that is no resource. */
export function groupPods(
  pods: readonly Stored<Pod>[],
  metrics: PodMetrics,
  resource: string,
  times: ReadinessTimes & { readonly nowMs: number },
): PodGroups {
  const groups = {
    ready: new Set<string>(),
    unready: new Set<string>(),
    missing: new Set<string>(),
    ignored: new Set<string>(),
  };
  for (const pod of pods) {
    const metric = metrics.get(pod.metadata.name);
    groups[groupOf(pod, metric, resource, times)].add(pod.metadata.name);
  }
  return { ...groups, readyCount: groups.ready.size };
}

function groupOf(
  pod: Stored<Pod>,
  metric: PodMetric | undefined,
  resource: string,
  times: ReadinessTimes & { readonly nowMs: number },
): Group {
  const phase = pod.status?.phase;
  if (pod.metadata.deletionTimestamp || phase === 'Failed') return 'ignored';
  if (phase === 'Pending') return 'unready';
  if (!metric) return 'missing';
  return resource === higherAtStart && isWarmingUp(pod, metric, times) ? 'unready' : 'ready';
}

/** A starting process uses more of it than later. */
const higherAtStart = 'cpu';

/** Its sample says little about its later use. */
function isWarmingUp(
  pod: Pod,
  metric: PodMetric,
  { cpuInitializationMs, initialReadinessMs, nowMs }: ReadinessTimes & { readonly nowMs: number },
): boolean {
  const ready = podCondition(pod, 'Ready');
  const { startTime } = pod.status ?? {};
  if (!ready || !startTime) return true;
  const startMs = Date.parse(startTime);
  const changedMs = Date.parse(ready.lastTransitionTime ?? '0001-01-01T00:00:00Z');
  if (startMs + cpuInitializationMs > nowMs) {
    // The sample must be of a whole window since the pod became ready.
    return ready.status === 'False' || metric.timestampMs < changedMs + metric.windowMs;
  }
  return ready.status === 'False' && startMs + initialReadinessMs > changedMs;
}
