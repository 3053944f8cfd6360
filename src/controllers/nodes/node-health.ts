/**
 * Evaluates one node: conditions and taints that follow from its silence and its conditions.
 *
 * All functions are pure. Follows upstream's node life cycle controller.
 */

import type { Node, NodeCondition, Taint } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { nodeCondition } from '#api/nodes/state.ts';
import { rfc3339 } from '#base/clock.ts';
import { ownValue } from '#base/own-value.ts';

const silenceMaxMs = 50_000;
const startupSilenceMaxMs = 60_000;

/** Conditions that are unknown when the kubelet does not report. */
const reportedTypes = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

const notReadyKey = 'node.kubernetes.io/not-ready';
const unreachableKey = 'node.kubernetes.io/unreachable';

/** Permitted silence: longer if the node has never reported. */
export function silenceAllowedMs(node: Node): number {
  return nodeCondition(node, 'Ready') ? silenceMaxMs : startupSilenceMaxMs;
}

/** The conditions of a node that has been silent too long; undefined if they are set already. */
export function conditionsOfSilent(node: Stored<Node>, nowMs: number): NodeCondition[] | undefined {
  const now = rfc3339(nowMs);
  const conditions = [...(node.status?.conditions ?? [])];
  let changed = false;
  for (const type of reportedTypes) {
    const place = conditions.findIndex((condition) => condition.type === type);
    const old = conditions[place];
    if (!old) {
      changed = true;
      conditions.push({
        type,
        status: 'Unknown',
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
        lastHeartbeatTime: node.metadata.creationTimestamp,
        lastTransitionTime: now,
      });
    } else if (old.status !== 'Unknown') {
      changed = true;
      conditions[place] = {
        ...old,
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime: now,
      };
    }
  }
  return changed ? conditions : undefined;
}

/** Taints by condition and status. */
const conditionTaints: Record<string, Record<string, string>> = {
  Ready: { False: notReadyKey, Unknown: unreachableKey },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
};
const unschedulableKey = 'node.kubernetes.io/unschedulable';
const managedKeys = new Set([
  ...Object.values(conditionTaints).flatMap((byStatus) => Object.values(byStatus)),
  unschedulableKey,
]);

/** The NoSchedule taints for conditions and cordoning. */
function wantedNoSchedule(node: Node): string[] {
  const keys: string[] = [];
  for (const { type, status } of node.status?.conditions ?? []) {
    const key = ownValue(ownValue(conditionTaints, type) ?? {}, status);
    if (key) keys.push(key);
  }
  if (node.spec?.unschedulable) keys.push(unschedulableKey);
  return keys;
}

/** The NoExecute taint for the node's readiness. */
export function wantedNoExecute(node: Node): string | undefined {
  const ready = nodeCondition(node, 'Ready');
  return ready && conditionTaints['Ready']?.[ready.status];
}

export interface Evictions {
  /** Called only for a new NoExecute taint: may refuse, to spare a zone with many failures. */
  mayBegin(): boolean;
  /** No pod may be evicted, and evictions that have not begun are cancelled. */
  readonly areOff: boolean;
}

/** All taints of the node; undefined if they are set already. */
export function taintsFor(node: Node, evictions: Evictions, nowMs: number): Taint[] | undefined {
  const timeAdded = rfc3339(nowMs);
  const old = node.spec?.taints ?? [];
  const has = (key: string, effect: string) =>
    old.some((taint) => taint.key === key && taint.effect === effect);
  const noSchedule = new Set(wantedNoSchedule(node));
  const noExecute = evictions.areOff ? undefined : wantedNoExecute(node);
  const kept = old.filter(({ key, effect }) => {
    if (effect === 'NoSchedule' && managedKeys.has(key)) return noSchedule.has(key);
    if (effect === 'NoExecute' && (key === notReadyKey || key === unreachableKey)) return key === noExecute;
    return true;
  });
  const added: Taint[] = [...noSchedule]
    .filter((key) => !has(key, 'NoSchedule'))
    .map((key) => ({ key, effect: 'NoSchedule', timeAdded }));
  if (noExecute && !has(noExecute, 'NoExecute') && (hadOther(kept, old) || evictions.mayBegin())) {
    added.push({ key: noExecute, effect: 'NoExecute', timeAdded });
  }
  return added.length === 0 && kept.length === old.length ? undefined : [...kept, ...added];
}

/** Replacing not-ready by unreachable is not a new eviction, so no limit applies. */
function hadOther(kept: readonly Taint[], old: readonly Taint[]): boolean {
  const evicts = ({ key, effect }: Taint) =>
    effect === 'NoExecute' && (key === notReadyKey || key === unreachableKey);
  return old.some(evicts) && !kept.some(evicts);
}
