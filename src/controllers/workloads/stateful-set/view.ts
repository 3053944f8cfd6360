/** What a decision about a StatefulSet looks at, and what it asks of each pod. */

import type { PersistentVolumeClaim, Pod, PodTemplateSpec, StatefulSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isPodAvailable } from '#api/pods/state.ts';
import type { AskAllowance } from '#client/queue/write-pace.ts';
import { ordinalOf } from './pod.ts';

export interface Revision {
  readonly name: string;
  readonly template: PodTemplateSpec;
}

export interface StatefulSetView {
  readonly set: Stored<StatefulSet>;
  readonly pods: readonly Stored<Pod>[];
  /** The revision of pods below the partition, and the one of all others. */
  readonly current: Revision;
  readonly update: Revision;
  claim(name: string): Stored<PersistentVolumeClaim> | undefined;
  readonly nowMs: number;
  readonly allowance: AskAllowance;
}

export function rangeOf(set: StatefulSet): { start: number; end: number } {
  const start = set.spec?.ordinals?.start ?? 0;
  return { start, end: start + (set.spec?.replicas ?? 1) };
}

export function isWithin({ set }: StatefulSetView, pod: Stored<Pod>): boolean {
  const { start, end } = rangeOf(set);
  const ordinal = ordinalOf(set, pod)!;
  return ordinal >= start && ordinal < end;
}

export function isHealthy(view: StatefulSetView, pod: Stored<Pod>): boolean {
  return !pod.metadata.deletionTimestamp && isRunningAndAvailable(view, pod);
}

export function isRunningAndAvailable({ set, nowMs }: StatefulSetView, pod: Pod): boolean {
  return pod.status?.phase === 'Running' && isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs);
}
