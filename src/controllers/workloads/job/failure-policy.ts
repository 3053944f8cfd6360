/** When a pod of a Job counts as failed, and the action of the Job's `podFailurePolicy` for it. */

import type {
  ContainerStatus,
  Job,
  Pod,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from '#api/generated/types.gen.ts';

export interface FailureMatch {
  readonly action: string;
  /** The reason, for rules that fail the job. */
  readonly message: string;
}

/** Terminating pods are waited for, and replaced only when they have terminated. */
export function replacesOnlyEnded({ spec }: Job): boolean {
  return spec?.podReplacementPolicy === 'Failed' || spec?.podFailurePolicy !== undefined;
}

/** A terminating pod counts, unless it is waited for: on a lost node it never terminates. */
export function hasFailed(job: Job, { metadata, status }: Pod): boolean {
  if (status?.phase === 'Failed') return true;
  const isTerminating = metadata?.deletionTimestamp !== undefined && status?.phase !== 'Succeeded';
  return isTerminating && !replacesOnlyEnded(job);
}

/** The first rule that matches decides. */
export function matchFailure(job: Job, pod: Pod): FailureMatch | undefined {
  for (const [at, rule] of (job.spec?.podFailurePolicy?.rules ?? []).entries()) {
    const what = rule.onExitCodes ? matchExitCode(rule.onExitCodes, pod) : matchCondition(rule, pod);
    if (what !== undefined) {
      return { action: rule.action, message: `${what} matching ${rule.action} rule at index ${at}` };
    }
  }
  return undefined;
}

/** Whether its failure counts against the limits. */
export function isCounted(job: Job, pod: Pod): boolean {
  return matchFailure(job, pod)?.action !== 'Ignore';
}

function matchExitCode(rule: PodFailurePolicyOnExitCodesRequirement, pod: Pod): string | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  for (const status of [...containerStatuses, ...initContainerStatuses]) {
    const exitCode = exitCodeOf(status);
    if (!exitCode || (rule.containerName ?? status.name) !== status.name) continue;
    if (rule.values.includes(exitCode) !== (rule.operator === 'In')) continue;
    const { namespace, name } = pod.metadata ?? {};
    return `Container ${status.name} for pod ${namespace}/${name} failed with exit code ${exitCode}`;
  }
  return undefined;
}

function exitCodeOf({ state }: ContainerStatus): number | undefined {
  return state?.terminated?.exitCode;
}

function matchCondition({ onPodConditions = [] }: PodFailurePolicyRule, pod: Pod): string | undefined {
  for (const { type, status } of pod.status?.conditions ?? []) {
    const isMeant = onPodConditions.some(
      (pattern) => pattern.type === type && (pattern.status ?? 'True') === status,
    );
    const { namespace, name } = pod.metadata ?? {};
    if (isMeant) return `Pod ${namespace}/${name} has condition ${type}`;
  }
  return undefined;
}
