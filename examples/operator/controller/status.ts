/** The status of a Website, as its Deployment and the last attempt to reconcile it have it. Pure. */

import type { V1Condition, V1Deployment } from '@kubernetes/client-node';
import type { Website, WebsiteStatus } from '../api/v1.ts';
import { selectorOf } from './workload.ts';

export interface Observed {
  readonly deployment: V1Deployment | undefined;
  /** Why the last attempt failed. */
  readonly failure?: string;
  readonly nowMs: number;
}

export function statusOf(website: Website, { deployment, failure, nowMs }: Observed): WebsiteStatus {
  const { replicas = 0, readyReplicas = 0, updatedReplicas = 0 } = deployment?.status ?? {};
  // While a new image is rolled out, replicas of the old one are ready too.
  const ready = readiness(website, Math.min(readyReplicas, updatedReplicas), failure);
  return {
    observedGeneration: website.metadata?.generation ?? 0,
    replicas,
    readyReplicas,
    selector: selectorOf(website),
    url: `http://${website.spec.host}`,
    conditions: [withTransitionTime(website, ready, nowMs)],
  };
}

export function readyCondition(status: WebsiteStatus | undefined): V1Condition | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}

type Readiness = Pick<V1Condition, 'status' | 'reason' | 'message'>;

function readiness({ spec }: Website, readyReplicas: number, failure: string | undefined): Readiness {
  if (failure !== undefined) return { status: 'False', reason: 'ReconcileFailed', message: failure };
  const message = `${readyReplicas} of ${spec.replicas} replicas are ready`;
  if (readyReplicas >= spec.replicas) return { status: 'True', reason: 'AllReplicasReady', message };
  return { status: 'False', reason: 'WaitingForReplicas', message };
}

/** The time stands for the last change of `status`, not of the message. */
function withTransitionTime(website: Website, ready: Readiness, nowMs: number): V1Condition {
  const before = readyCondition(website.status);
  const lastTransitionTime = before?.status === ready.status ? before.lastTransitionTime : new Date(nowMs);
  const observedGeneration = website.metadata?.generation ?? 0;
  return { type: 'Ready', ...ready, observedGeneration, lastTransitionTime };
}
