/** Keeps every Website of the cluster reconciled for as long as this replica leads. */

import type { V1Deployment } from '@kubernetes/client-node';
import { apiVersion, keyOf, kind, plural, type Website } from '../api/v1.ts';
import type { Clock } from '../clock.ts';
import { type ClusterClient, isStatus, messageOf } from '../cluster-client.ts';
import { eventRecorder } from './events.ts';
import { HostTable } from './host-table.ts';
import { follow } from './informers.ts';
import { reconcile } from './reconcile.ts';
import { WorkQueue } from './work-queue.ts';
import { managedBy } from './workload.ts';

export interface ControllerOptions {
  readonly client: ClusterClient;
  readonly clock: Clock;
  /** Of the operator itself. */
  readonly namespace: string;
  log(line: string): void;
}

/** Resolves when `signal` has aborted and the last reconciliation has ended. */
export async function runController(options: ControllerOptions, signal: AbortSignal): Promise<void> {
  const { client, clock, namespace, log } = options;
  const queue = new WorkQueue(clock, signal);
  // A Deployment has the name of its website, so both have the same key.
  const enqueue = (object: Website | V1Deployment) => queue.add(keyOf(object));
  const labelSelector = Object.entries(managedBy)
    .map((label) => label.join('='))
    .join(',');
  const owned = { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', labelSelector };
  const [websites, deployments] = await Promise.all([
    follow<Website>(client, clock, signal, { apiVersion, kind, plural }, enqueue),
    follow<V1Deployment>(client, clock, signal, owned, enqueue),
  ]);
  const hosts = new HostTable(client, namespace);
  const reconciling = { client, clock, hosts, record: eventRecorder(client, clock) };
  for (let key = await queue.next(); key !== undefined; key = await queue.next()) {
    const [inNamespace, name = ''] = key.split('/');
    const website = websites.get(name, inNamespace);
    if (!website) continue;
    try {
      await reconcile(reconciling, website, deployments.get(name, inNamespace));
      queue.succeeded(key);
    } catch (error) {
      // A conflict only means that the cache is behind.
      if (!isStatus(error, 409)) log(`website ${key}: ${messageOf(error)}`);
      queue.failed(key);
    }
  }
}
