/**
 * `pods/eviction`: deletes a pod when its disruption budget allows it, else answers 429.
 *
 * 1. A pod that has ended, has not begun or is going already is deleted without asking.
 * 2. Of the budgets that select it there may be one; an unhealthy pod may pass it as its policy says.
 * 3. The budget is charged by compare-and-set, so that two evictions never spend the same allowance.
 * 4. The pod is marked as a disruption target and deleted.
 */

import { podDisruptionBudgets, pods } from '#api/generated/kinds.gen.ts';
import type { Eviction, Pod, PodDisruptionBudget } from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { badRequest, failure, forbidden, internalError, type StatusError } from '#api/meta/status.ts';
import { isPodReady, isPodTerminal } from '#api/pods/state.ts';
import { selectorFromLabelSelector } from '#api/selectors/selector.ts';
import { rfc3339 } from '#base/clock.ts';
import type { DeleteOptions } from '#client/client.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import type { HandlerContext, SpecialHandler } from '../contract/special-handler.ts';
import { readObjects } from '../contract/typed-reader.ts';
import { bodyOf, isDryRun, success } from './body.ts';

const unconfirmedEvictionsMax = 2000;
const refusedText = "Cannot evict pod as it would violate the pod's disruption budget.";
const retryAfterSeconds = 10;

export const evictionHandler: SpecialHandler = {
  group: '',
  resource: 'pods',
  subresource: 'eviction',
  verbs: ['create'],
  handle: evict,
};

async function evict(context: HandlerContext): Promise<ApiResponse> {
  const { info } = context;
  const eviction = bodyOf<Eviction>(context, 'Eviction');
  const named = eviction.metadata?.name ?? '';
  if (named !== info.name) throw badRequest('name in URL does not match name in Eviction object');
  const dryRun = isDryRun(context) || eviction.deleteOptions?.dryRun?.includes('All') === true;
  const object = eviction as Eviction & AnyObject;
  return context.write({ operation: 'CREATE', name: info.name, object, dryRun }, () =>
    evictPod(context, deleteOptionsOf(eviction, dryRun)),
  );
}

async function evictPod(context: HandlerContext, options: DeleteOptions): Promise<ApiResponse> {
  const { info, serverClient } = context;
  const pod = (await serverClient.get(pods, info.namespace, info.name)) as Pod;
  if (!goesAnyway(pod)) {
    const budget = budgetOf(context, pod);
    if (budget && !passesUnhealthy(budget, pod)) await charge(context, budget, pod, options);
    if (!options.dryRun) await markDisrupted(context, pod);
  }
  await serverClient.delete(pods, info.namespace, info.name, options);
  return success(context);
}

function deleteOptionsOf(eviction: Eviction, dryRun: boolean): DeleteOptions {
  const { gracePeriodSeconds, preconditions, propagationPolicy } = eviction.deleteOptions ?? {};
  return {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(preconditions ? { preconditions } : {}),
    ...(propagationPolicy
      ? { propagationPolicy: propagationPolicy as NonNullable<DeleteOptions['propagationPolicy']> }
      : {}),
    ...(dryRun ? { dryRun } : {}),
  };
}

function goesAnyway(pod: Pod): boolean {
  return (
    pod.status?.phase === 'Pending' || isPodTerminal(pod) || pod.metadata?.deletionTimestamp !== undefined
  );
}

function budgetOf(context: HandlerContext, pod: Pod): PodDisruptionBudget | undefined {
  const budgets = readObjects(context.reader, podDisruptionBudgets, context.info.namespace).filter((budget) =>
    selectorFromLabelSelector(budget.spec?.selector).matches(pod.metadata?.labels ?? {}),
  );
  if (budgets.length > 1) {
    throw internalError(
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  return budgets[0];
}

function passesUnhealthy(budget: PodDisruptionBudget, pod: Pod): boolean {
  if (isPodReady(pod)) return false;
  if (budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {};
  return desiredHealthy > 0 && currentHealthy >= desiredHealthy;
}

async function charge(
  context: HandlerContext,
  budget: PodDisruptionBudget,
  pod: Pod,
  options: DeleteOptions,
): Promise<void> {
  const { namespace } = context.info;
  const name = budget.metadata?.name ?? '';
  const now = rfc3339(context.env.clock.now());
  const spend = (object: AnyObject) => charged(object as PodDisruptionBudget, pod, now) as AnyObject;
  if (options.dryRun) spend(await context.serverClient.get(podDisruptionBudgets, namespace, name));
  else await context.serverClient.guaranteedUpdate(podDisruptionBudgets, namespace, name, spend);
}

function charged(budget: PodDisruptionBudget, pod: Pod, now: string): PodDisruptionBudget {
  const name = budget.metadata?.name ?? '';
  budget.status ??= {};
  const { status } = budget;
  if ((status.observedGeneration ?? 0) < (budget.metadata?.generation ?? 0)) {
    const why = `The disruption budget ${name} is still being processed by the server.`;
    throw refused(why, retryAfterSeconds);
  }
  const allowed = status.disruptionsAllowed ?? 0;
  if (allowed < 0) throw forbidden(podDisruptionBudgets, name, 'pdb disruptions allowed is negative');
  if (Object.keys(status.disruptedPods ?? {}).length > unconfirmedEvictionsMax) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    throw forbidden(podDisruptionBudgets, name, why);
  }
  if (allowed === 0) throw refused(exhaustedText(budget), 0);
  status.disruptionsAllowed = allowed - 1;
  status.disruptedPods = { ...status.disruptedPods, [pod.metadata!.name!]: now };
  return budget;
}

function exhaustedText({ metadata, status }: PodDisruptionBudget): string {
  const failed = conditionOf(status, 'DisruptionAllowed');
  if (failed?.status === 'False' && failed.reason === 'SyncFailed') {
    return `The disruption budget ${metadata?.name} does not allow evicting pods currently because it failed sync: ${failed.message}`;
  }
  const { desiredHealthy = 0, currentHealthy = 0 } = status ?? {};
  return `The disruption budget ${metadata?.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
}

function refused(why: string, retrySeconds: number): StatusError {
  return failure(429, 'TooManyRequests', refusedText, {
    ...(retrySeconds > 0 ? { retryAfterSeconds: retrySeconds } : {}),
    causes: [{ reason: 'DisruptionBudget', message: why }],
  });
}

async function markDisrupted(context: HandlerContext, pod: Pod): Promise<void> {
  const { namespace, name } = context.info;
  const now = rfc3339(context.env.clock.now());
  await context.serverClient.guaranteedUpdate(pods, namespace, name, (object) => {
    const current = object as Pod;
    if (current.metadata?.uid !== pod.metadata?.uid) return object;
    current.status ??= {};
    const others = (current.status.conditions ?? []).filter(({ type }) => type !== 'DisruptionTarget');
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
      lastTransitionTime: now,
    };
    current.status.conditions = [...others, condition];
    return object;
  });
}
