/**
 * Remembers when pods of a Job failed since its last success, also after the pods are deleted. After a
 * restart only existing pods are known, as in upstream.
 */

import type { Job, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { endedAtMs, failuresToLongestBackoff } from './backoff.ts';
import { isTracked } from './counts.ts';
import { hasFailed } from './failure-policy.ts';

export interface RecentFailures {
  /** At most as many as increase the back-off. */
  readonly count: number;
  readonly lastAtMs: number;
}

interface Memory {
  readonly lastSuccessMs: number;
  /** By the pods' uids. */
  readonly failuresAtMs: ReadonlyMap<string, number>;
}

const nothing: Memory = { lastSuccessMs: 0, failuresAtMs: new Map() };

export class JobFailures {
  readonly #byJob = new Map<string, Memory>();

  /** Updates the record with these pods. */
  observe(job: Stored<Job>, pods: readonly Stored<Pod>[]): RecentFailures {
    const memory = withPods(this.#byJob.get(job.metadata.uid) ?? nothing, job, pods);
    this.#byJob.set(job.metadata.uid, memory);
    return { count: memory.failuresAtMs.size, lastAtMs: Math.max(0, ...memory.failuresAtMs.values()) };
  }

  forget(jobUid: string): void {
    this.#byJob.delete(jobUid);
  }
}

function withPods(before: Memory, job: Job, pods: readonly Stored<Pod>[]): Memory {
  const successes = pods.filter(({ status }) => status?.phase === 'Succeeded').map(endedAtMs);
  const lastSuccessMs = Math.max(before.lastSuccessMs, ...successes);
  const failures = new Map(before.failuresAtMs);
  for (const pod of pods) {
    const { uid } = pod.metadata;
    if (isFailure(job, pod) && !failures.has(uid)) failures.set(uid, endedAtMs(pod));
  }
  const recent = [...failures].filter(([, atMs]) => atMs > lastSuccessMs).sort(([, a], [, b]) => b - a);
  return { lastSuccessMs, failuresAtMs: new Map(recent.slice(0, failuresToLongestBackoff)) };
}

/** Pods whose finalizer was removed before they were stopped have not failed, whatever their exit codes. */
function isFailure(job: Job, pod: Stored<Pod>): boolean {
  if (isTracked(pod)) return hasFailed(job, pod);
  return pod.status?.phase === 'Failed' && !pod.metadata.deletionTimestamp;
}
