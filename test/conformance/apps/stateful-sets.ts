/**
 * StatefulSets whose pods can be made unhealthy, and what is seen of their pods and of the order these come
 * and go in.
 */

import assert from 'node:assert/strict';
import { pods, services, statefulSets } from '#api/generated/kinds.gen.ts';
import type { Pod, PodSpec, StatefulSet, StatefulSetSpec } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { BehaviourContext } from '../behaviour.ts';
import { becomesReady, getPod, isReady } from '../common/running.ts';
import { type Watching, watchFromNow } from '../shared/watching.ts';
import { nginxPod, template } from '../shared/workloads.ts';

export const revisionLabel = 'controller-revision-hash';

/** Ready as long as the page is there. */
function probedPod(): PodSpec {
  const pod = nginxPod();
  const probe = { periodSeconds: 1, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 1 };
  const readinessProbe = { httpGet: { path: '/index.html', port: 80 }, ...probe };
  return { ...pod, containers: pod.containers.map((container) => ({ ...container, readinessProbe })) };
}

export async function createSet(
  { client, namespace }: BehaviourContext,
  name: string,
  replicas: number,
  spec: Partial<StatefulSetSpec> = {},
  pod: PodSpec = probedPod(),
): Promise<Stored<StatefulSet>> {
  const labels = { app: name };
  await client.create(services, {
    metadata: { name, namespace, labels },
    spec: { clusterIP: 'None', selector: labels, ports: [{ port: 80 }] },
  });
  return client.create(statefulSets, {
    metadata: { name, namespace, labels },
    spec: {
      replicas,
      serviceName: name,
      selector: { matchLabels: labels },
      template: template(labels, pod),
      ...spec,
    },
  });
}

/** The controller has seen the newest generation, and its status passes `test`. */
export async function observed(
  context: BehaviourContext,
  name: string,
  what: string,
  test: (set: Stored<StatefulSet>, status: NonNullable<StatefulSet['status']>) => boolean,
): Promise<Stored<StatefulSet>> {
  return context.eventually(
    `StatefulSet ${name} ${what}`,
    async () => {
      const found = await context.client.get(statefulSets, { namespace: context.namespace, name });
      const reported = JSON.stringify(found.status);
      assert.ok((found.status?.observedGeneration ?? 0) >= (found.metadata.generation ?? 0), reported);
      assert.ok(test(found, found.status!), reported);
      return found;
    },
    180_000,
  );
}

/** As many pods as it wants are there, `ready` of them ready. */
export function settled(context: BehaviourContext, name: string, ready?: number) {
  return observed(context, name, 'has settled', ({ spec }, { replicas, readyReplicas = 0 }) => {
    return replicas === spec?.replicas && readyReplicas === (ready ?? replicas);
  });
}

/** By ordinal. */
export async function podsOfSet(context: BehaviourContext, name: string): Promise<Stored<Pod>[]> {
  const { client, namespace } = context;
  const { items } = await client.list(pods, { namespace, labelSelector: `app=${name}` });
  return items.sort((a, b) => ordinalOf(a) - ordinalOf(b));
}

export function ordinalOf({ metadata }: Pod): number {
  return Number(metadata?.name?.replace(/^.*-/, ''));
}

export async function breakPod(context: BehaviourContext, name: string): Promise<void> {
  await context.exec(name, ['mv', '/srv/index.html', '/tmp/index.html']);
  await context.eventually(`pod ${name} is not ready`, async () => !isReady(await getPod(context, name)));
}

export async function mendPod(context: BehaviourContext, name: string): Promise<void> {
  await context.exec(name, ['mv', '/tmp/index.html', '/srv/index.html']);
  await becomesReady(context, name);
}

export function watchPods(context: BehaviourContext, name: string): Promise<Watching<Pod>> {
  return watchFromNow(context, pods, { namespace: context.namespace, labelSelector: `app=${name}` });
}

/**
 * Goes through the recorded events and calls `look` when a pod is made or begins to go, with all others as
 * they were then.
 */
export function replay(
  before: readonly Stored<Pod>[],
  { events }: Watching<Pod>,
  look: (change: 'made' | 'going', pod: Stored<Pod>, others: readonly Stored<Pod>[]) => void,
): void {
  const living = new Map(before.map((pod) => [pod.metadata.uid, pod]));
  const going = new Set<string>();
  for (const { type, object } of events) {
    const { uid, deletionTimestamp } = object.metadata;
    const others = [...living.values()].filter((pod) => pod.metadata.uid !== uid);
    if (type === 'ADDED') look('made', object, others);
    const goes = type === 'DELETED' || deletionTimestamp !== undefined;
    if (goes && !going.has(uid)) look('going', object, others);
    if (goes) going.add(uid);
    if (type === 'DELETED') living.delete(uid);
    else living.set(uid, object);
  }
}
