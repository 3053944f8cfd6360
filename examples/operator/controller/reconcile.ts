/**
 * Makes the cluster what a Website says. Every step can be repeated: whatever happened before, the result is the same.
 *
 *   1. being deleted: take its hosts out of the table, then remove the finalizer
 *   2. set the finalizer, before anything is made that it must clean
 *   3. apply the Deployment and the Service
 *   4. publish its hosts
 *   5. write the status, and record an event when the website becomes ready or is no longer
 */

import { isDeepStrictEqual } from 'node:util';
import type { V1Deployment } from '@kubernetes/client-node';
import { apiVersion, kind, type Website, type WebsiteStatus } from '../api/v1.ts';
import type { Clock } from '../clock.ts';
import { type ClusterClient, messageOf } from '../cluster-client.ts';
import type { RecordEvent } from './events.ts';
import type { HostTable } from './host-table.ts';
import { readyCondition, statusOf } from './status.ts';
import { deploymentOf, serviceOf } from './workload.ts';

export const finalizer = 'web.example.com/hosts';

export interface Reconciling {
  readonly client: ClusterClient;
  readonly clock: Clock;
  readonly hosts: HostTable;
  readonly record: RecordEvent;
}

/** Both as last seen: `deployment` is undefined before it is made. */
export async function reconcile(
  reconciling: Reconciling,
  website: Website,
  deployment: V1Deployment | undefined,
): Promise<void> {
  if (website.metadata?.deletionTimestamp) return cleanUp(reconciling, website);
  const nowMs = reconciling.clock.now();
  try {
    await bringAbout(reconciling, website);
    await report(reconciling, website, statusOf(website, { deployment, nowMs }));
  } catch (error) {
    const failure = messageOf(error);
    await report(reconciling, website, statusOf(website, { deployment, failure, nowMs }));
    throw error;
  }
}

async function bringAbout({ client, hosts }: Reconciling, website: Website): Promise<void> {
  const finalizers = website.metadata?.finalizers ?? [];
  if (!finalizers.includes(finalizer)) await setFinalizers(client, website, [...finalizers, finalizer]);
  await client.apply(deploymentOf(website));
  await client.apply(serviceOf(website));
  await hosts.publish(website);
}

async function cleanUp({ client, hosts }: Reconciling, website: Website): Promise<void> {
  const finalizers = website.metadata?.finalizers ?? [];
  if (!finalizers.includes(finalizer)) return;
  await hosts.remove(website);
  await setFinalizers(
    client,
    website,
    finalizers.filter((name) => name !== finalizer),
  );
}

/** With the resource version: a list is replaced whole, and another controller may have written its own finalizer. */
function setFinalizers(client: ClusterClient, { metadata }: Website, finalizers: string[]): Promise<void> {
  const { namespace, name, resourceVersion } = metadata ?? {};
  return client.merge({ apiVersion, kind, metadata: { namespace, name, resourceVersion, finalizers } });
}

async function report({ client, record }: Reconciling, website: Website, status: WebsiteStatus) {
  if (isSame(website.status, status)) return;
  await client.writeStatus(website, status);
  const [before, ready] = [readyCondition(website.status), readyCondition(status)];
  if (!ready || (before?.status === ready.status && before.reason === ready.reason)) return;
  const type = ready.reason === 'ReconcileFailed' ? 'Warning' : 'Normal';
  await record(website, type, ready.reason, ready.message);
}

/** Dates are compared as they are written. */
function isSame(before: WebsiteStatus | undefined, after: WebsiteStatus): boolean {
  const written = (status: WebsiteStatus = {}): unknown => JSON.parse(JSON.stringify(status));
  return isDeepStrictEqual(written(before), written(after));
}
