/**
 * What to do about one Job that has not ended.
 *
 *   1. count its pods; is it done?
 *   2. done: delete what still runs, say how it will end, and when nothing is left, that it has ended
 *   3. suspended: delete what runs
 *   4. else: as many pods as it wants now
 */

import { jobs as jobsType, pods as podsType } from '#api/generated/kinds.gen.ts';
import type { Job, JobCondition, Pod } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import type { Action, CreateAction, DeleteAction, Plan } from '#client/controllers/controller.ts';
import type { Expectations } from '#client/controllers/expectations.ts';
import type { Allowance, AskAllowance } from '#client/queue/write-pace.ts';
import { eventAction } from '../../shared/event-action.ts';
import type { WrittenVersions } from '../../shared/written-versions.ts';
import { countPods, type JobCounts, trackingFinalizer } from './counts.ts';
import { podOfJob } from './pod.ts';
import { noChanges, type PodChanges, podChanges } from './pod-changes.ts';
import type { RecentFailures } from './recent-failures.ts';
import { conditionsOf, endingConditions, jobStatus, statusEvents, suspensionConditions } from './status.ts';
import { deadlineInMs, type JobVerdict, judgeJob } from './verdict.ts';

export interface JobView {
  readonly job: Stored<Job>;
  readonly pods: readonly Stored<Pod>[];
  readonly failures: RecentFailures;
  readonly mayChange: boolean;
  readonly nowMs: number;
  readonly allowance: AskAllowance;
  readonly expectations: { readonly book: Expectations; readonly key: string };
  readonly written: WrittenVersions;
}

export function decideJob(view: JobView): Plan {
  const { job, pods, nowMs, mayChange, failures } = view;
  const present = countPods(job, pods);
  const verdict = judgeJob(job, pods, present, nowMs);
  // While pods may exist that the cache has not seen, it must not end.
  const ending = mayChange ? verdict : undefined;
  const isDeleted = job.metadata.deletionTimestamp !== undefined;
  const counts = ending || isDeleted ? countPods(job, pods, ending?.outcome ?? 'Complete') : present;
  const changes = mayChange
    ? podChanges(job, counts, failures, ending !== undefined, nowMs, view.allowance)
    : noChanges;
  const conditions = conditionsAfter(view, counts, ending);
  const write = (done: PodChanges) => writing(view, counts, done, conditions);
  const waits = [deadlineInMs(job, nowMs), changes.waitMs].filter((ms) => ms !== undefined && ms > 0);
  return {
    actions: ending ? endingActions(view, changes, write) : runningActions(view, counts, changes, write),
    ...(waits.length > 0 ? { againInMs: Math.min(...(waits as number[])) } : {}),
  };
}

function conditionsAfter(
  { job, mayChange, nowMs }: JobView,
  counts: JobCounts,
  ending: JobVerdict | undefined,
): JobCondition[] {
  if (ending) return endingConditions(job, counts, ending, nowMs);
  if (!mayChange || job.metadata.deletionTimestamp) return conditionsOf(job);
  return suspensionConditions(job, nowMs);
}

/** The status once these changes are done, and what may go: only pods that the status has written down. */
type Write = (done: PodChanges) => Action[];

function writing(
  { job, nowMs, written }: JobView,
  counts: JobCounts,
  done: PodChanges,
  conditions: JobCondition[],
): Action[] {
  const status = jobStatus(job, counts, done, conditions, nowMs);
  const object: Stored<Job> = { ...job, status };
  const onStored = (stored: Stored<KubeObject>) => written.wrote(stored);
  const update: Action = { do: 'updateStatus', type: jobsType, object, onStored };
  const report = deepEqual(job.status, status) ? [] : [update, ...statusEvents(job, status)];
  return [...report, ...releaseFinalizers(counts.toRelease)];
}

/** Finalizers are removed before pods are deleted: a pod seen deleted with its finalizer would count as failed. */
function endingActions(view: JobView, changes: PodChanges, write: Write): Action[] {
  return [...write(changes), ...together(view, deletions(view.job, changes.remove), undefined)];
}

function runningActions(view: JobView, counts: JobCounts, changes: PodChanges, write: Write): Action[] {
  const { remove, create } = changes;
  const steps = [...creations(view.job, counts, create), ...deletions(view.job, remove)];
  const replaced = [...(counts.indexFailures?.toReplace.values() ?? [])];
  return [
    // A surplus pod has not failed, and must not be counted.
    ...releaseFinalizers(remove),
    ...together(view, steps, changes.allowance, {
      // A job whose pods are refused still starts, counts and runs into its deadline.
      failed: () => write(noChanges),
      // No pod will come to take over the counts of those that failed: they must not keep the namespace.
      namespaceGoes: () => releaseFinalizers(replaced),
    }),
    ...write(changes),
  ];
}

/** What else is done when not all could be. */
interface Otherwise {
  failed(): Action[];
  namespaceGoes(): Action[];
}

function together(
  { job, expectations }: JobView,
  actions: (CreateAction | DeleteAction)[],
  allowance: Allowance | undefined,
  otherwise?: Otherwise,
): Action[] {
  if (actions.length === 0) return [];
  return [
    {
      do: 'together',
      actions,
      ...(allowance ? { slowStart: true, allowance } : {}),
      expectations,
      whenNamespaceGoes: () => otherwise?.namespaceGoes() ?? [],
      afterFailure: (failures) => [
        ...failures.map(({ action, error }) =>
          action.do === 'create'
            ? eventAction(job, 'Warning', 'FailedCreate', `Error creating: ${error.message}`)
            : eventAction(job, 'Warning', 'FailedDelete', `Error deleting: ${error.message}`),
        ),
        ...(otherwise?.failed() ?? []),
      ],
    },
  ];
}

function creations(
  job: Stored<Job>,
  { indexFailures }: JobCounts,
  indexes: readonly (number | undefined)[],
): CreateAction[] {
  return indexes.map((index) => ({
    do: 'create',
    type: podsType,
    object: podOfJob(job, index, index === undefined ? undefined : indexFailures?.toReplace.get(index)),
    afterwards: (created) => [
      eventAction(job, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`),
    ],
  }));
}

function deletions(job: Stored<Job>, pods: readonly Stored<Pod>[]): DeleteAction[] {
  return pods.map(({ metadata: { namespace, name, uid } }) => ({
    do: 'delete',
    type: podsType,
    namespace: namespace!,
    name,
    uid,
    afterwards: () => [eventAction(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)],
  }));
}

export function releaseFinalizers(pods: readonly Stored<Pod>[]): Action[] {
  const actions = pods.flatMap(releaseFinalizer);
  return actions.length > 0 ? [{ do: 'together', actions }] : [];
}

function releaseFinalizer(pod: Stored<Pod>): Action[] {
  const { finalizers = [], namespace, name, uid } = pod.metadata;
  if (!finalizers.includes(trackingFinalizer)) return [];
  return [
    {
      do: 'patch',
      type: podsType,
      namespace: namespace!,
      name,
      patchType: 'strategic',
      patch: { metadata: { uid, '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] } },
    },
  ];
}
