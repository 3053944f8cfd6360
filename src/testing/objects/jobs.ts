/** Jobs and pods, and changes in a plan, for the tables of Job decisions. */

import assert from 'node:assert/strict';
import type { Job, JobSpec, JobStatus, Pod, PodStatus } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Action, Plan } from '#client/controllers/plan.ts';
import type { AskAllowance } from '#client/queue/write-pace.ts';
import { trackingFinalizer } from '#controllers/workloads/job/counts.ts';
import { decideJob } from '#controllers/workloads/job/decide.ts';
import { JobFailures } from '#controllers/workloads/job/recent-failures.ts';

export const nowMs = Date.parse('2026-01-01T01:00:00Z');
const metadataOf = (name: string) => ({
  name,
  uid: name,
  namespace: 'n',
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

export function jobOf(spec: JobSpec | Omit<JobSpec, 'template'>, status: JobStatus = {}): Stored<Job> {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } };
  const startTime = '2026-01-01T00:00:00Z';
  return { metadata: metadataOf('j'), spec: { template, ...spec }, status: { startTime, ...status } };
}

/** An indexed job with three completions and limits by index. */
export const perIndex = {
  completionMode: 'Indexed',
  completions: 3,
  parallelism: 3,
  backoffLimitPerIndex: 1,
};

export function podOf(
  name: string,
  status: PodStatus,
  annotations: Record<string, string> = {},
): Stored<Pod> {
  return { metadata: { ...metadataOf(name), annotations, finalizers: [trackingFinalizer] }, status };
}

export const at = (index: number, failures = 0) => ({
  'batch.kubernetes.io/job-completion-index': String(index),
  'batch.kubernetes.io/job-index-failure-count': String(failures),
});

/** Terminated so long ago that no back-off is left, unless `finishedAt` is given. */
export function ended(exitCode: number, finishedAt = '2026-01-01T00:00:00Z'): PodStatus {
  const terminated = { exitCode, startedAt: '2026-01-01T00:00:00Z', finishedAt };
  const status = { name: 'c', image: 'i', imageID: '', ready: false, restartCount: 0, state: { terminated } };
  return { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses: [status] };
}

const anyNumber: AskAllowance = (wanted) => ({ count: Math.min(wanted, 500), weight: 0 });

export function decideWith(allowance = anyNumber) {
  return (job: Stored<Job>, pods: Stored<Pod>[], mayChange = true): Plan => {
    const failures = new JobFailures().observe(job, pods);
    return decideJob({ job, pods, failures, mayChange, nowMs, allowance });
  };
}

export function eventsOf({ actions }: Plan): string[] {
  return actions.flatMap((action) => (action.do === 'event' ? [`${action.eventType} ${action.reason}`] : []));
}

/** The changes of a plan, in order: `-finalizer x`, `create 1 after 2`, `delete x`, `status`. */
export function changesOf({ actions }: Plan): string[] {
  return actions.flatMap(function changeOf(action: Action): string[] {
    if (action.do === 'together') return action.actions.flatMap(changeOf);
    if (action.do === 'patch') return [`-finalizer ${action.name}`];
    if (action.do === 'delete') return [`delete ${action.name}`];
    if (action.do === 'updateStatus') return ['status'];
    if (action.do !== 'create') return [];
    const made = action.object.metadata?.annotations ?? {};
    const index = made['batch.kubernetes.io/job-completion-index'];
    if (index === undefined) return ['create'];
    return [`create ${index} after ${made['batch.kubernetes.io/job-index-failure-count']}`];
  });
}

export function statusAfter({ actions }: Plan): JobStatus {
  const update = actions.find((action) => action.do === 'updateStatus');
  assert.ok(update?.do === 'updateStatus');
  return (update.object as Job).status ?? {};
}

export function conditions(plan: Plan): string[] {
  return (statusAfter(plan).conditions ?? []).map(({ type, reason }) => `${type} ${reason}`);
}
