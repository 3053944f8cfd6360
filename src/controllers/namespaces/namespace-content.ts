/**
 * Deletes everything in a namespace and reports what remains, as upstream's namespaced resources deleter.
 *
 * Pods are deleted first, and the rest only when no pod remains: objects that pods use (secrets, policies)
 * outlive them.
 */

import { pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResource, isSameResource, type ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import { isPodTerminal } from '#api/pods/state.ts';
import type { Client } from '#client/client.ts';
import { eachPage, inPages } from '#client/rest/pages.ts';
import { discover, type ServedResource } from '../shared/discovery.ts';

const finalizerEstimateSeconds = 15;

export interface Remains {
  /** How many objects of a resource are left, by `resource.group`. */
  readonly counts: Map<string, number>;
  /** How many objects carry a finalizer. */
  readonly finalizers: Map<string, number>;
  readonly discoveryFailures: readonly string[];
  readonly deletionFailures: string[];
  /** How long the slowest of them may take. */
  estimateSeconds: number;
}

export async function deleteContent(client: Client, namespace: string): Promise<Remains> {
  const served = await discover(client);
  const remains: Remains = {
    counts: new Map(),
    finalizers: new Map(),
    discoveryFailures: served.failures,
    deletionFailures: [],
    estimateSeconds: 0,
  };
  const deletable = served.resources.filter(
    ({ type, verbs }) => type.namespaced && verbs.includes('delete') && verbs.includes('list'),
  );
  const isPods = ({ type }: ServedResource) => isSameResource(type, pods);
  for (const resource of deletable.filter(isPods)) await deleteAll(client, namespace, resource, remains);
  if (remains.counts.size > 0 || remains.deletionFailures.length > 0) return remains;
  const others = deletable.filter((resource) => !isPods(resource));
  await Promise.all(others.map((resource) => deleteAll(client, namespace, resource, remains)));
  return remains;
}

async function deleteAll(
  client: Client,
  namespace: string,
  { type, verbs }: ServedResource,
  remains: Remains,
): Promise<void> {
  try {
    if ((await client.list(type, { namespace, limit: 1 })).items.length === 0) return;
    if (verbs.includes('deletecollection')) {
      await inPages((page) =>
        client.deleteCollection(type, { namespace, propagationPolicy: 'Background', ...page }),
      );
    } else {
      await eachPage(client, type, { namespace }, async (items) => {
        for (const { metadata } of items) await deleteOne(client, type, namespace, metadata.name);
      });
    }
    await eachPage(client, type, { namespace }, (items) => {
      for (const object of items) note(type, object, remains);
    });
  } catch (error) {
    if (error instanceof StatusError && (error.code === 404 || error.code === 405)) return;
    remains.deletionFailures.push(error instanceof Error ? error.message : String(error));
  }
}

async function deleteOne(client: Client, type: ResourceType, namespace: string, name: string): Promise<void> {
  try {
    await client.delete(type, { namespace, name }, { propagationPolicy: 'Background' });
  } catch (error) {
    if (!(error instanceof StatusError && error.code === 404)) throw error;
  }
}

function note(type: ResourceType, object: KubeObject, remains: Remains): void {
  const add = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  // Upstream prints `resource.group`, which leaves a trailing dot for core resources.
  add(remains.counts, type.group === '' ? `${type.resource}.` : groupResource(type));
  for (const finalizer of object.metadata?.finalizers ?? []) add(remains.finalizers, finalizer);
  const graceSeconds = isSameResource(type, pods) ? podGraceSeconds(object) : 0;
  const waitSeconds = object.metadata?.finalizers?.length ? finalizerEstimateSeconds : graceSeconds;
  remains.estimateSeconds = Math.max(remains.estimateSeconds, waitSeconds);
}

function podGraceSeconds(pod: Pod): number {
  if (isPodTerminal(pod)) return 0;
  return pod.metadata?.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 0;
}
