/** DaemonSets that behaviours act on, and the pod they keep on every node. */

import assert from 'node:assert/strict';
import { controllerRevisions, daemonSets, nodes, pods } from '#api/generated/kinds.gen.ts';
import type { ControllerRevision, DaemonSet, Node, Pod, PodSpec } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type BehaviourContext, images } from '../behaviour.ts';
import { isReady } from '../common/running.ts';
import { nginxPod, template } from '../shared/workloads.ts';

export function createDaemonSet(
  { client, namespace }: BehaviourContext,
  name: string,
  pod: PodSpec = nginxPod(),
): Promise<Stored<DaemonSet>> {
  const labels = { app: name };
  return client.create(daemonSets, {
    metadata: { name, namespace, labels },
    spec: { selector: { matchLabels: labels }, template: template(labels, pod) },
  });
}

/** Without those that are on their way out. */
export async function podsOfDaemonSet(context: BehaviourContext, name: string): Promise<Stored<Pod>[]> {
  const { client, namespace } = context;
  const { items } = await client.list(pods, { namespace, labelSelector: `app=${name}` });
  return items.filter(({ metadata }) => !metadata.deletionTimestamp);
}

/** The oldest first. */
export async function revisionsOf(
  context: BehaviourContext,
  name: string,
): Promise<Stored<ControllerRevision>[]> {
  const { client, namespace } = context;
  const { items } = await client.list(controllerRevisions, { namespace, labelSelector: `app=${name}` });
  return items.sort((a, b) => a.revision - b.revision);
}

/** The names of the nodes that pods can run on. */
export async function workingNodes({ client }: BehaviourContext): Promise<string[]> {
  const { items } = await client.list(nodes);
  const works = ({ spec, status }: Node) =>
    !spec?.unschedulable &&
    !spec?.taints?.length &&
    status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  return items.filter(works).map(({ metadata }) => metadata.name);
}

/** One ready pod of this image on each of these nodes, none elsewhere, and the status counts them. */
export async function runsOn(
  context: BehaviourContext,
  name: string,
  where: readonly string[],
  image = images.nginx,
): Promise<Stored<Pod>[]> {
  const { client, namespace } = context;
  return context.eventually(`DaemonSet ${name} runs on ${where.length} nodes`, async () => {
    const { metadata, status } = await client.get(daemonSets, { namespace, name });
    const reported = JSON.stringify(status);
    assert.ok((status?.observedGeneration ?? 0) >= (metadata.generation ?? 0), reported);
    assert.equal(status?.desiredNumberScheduled, where.length, reported);
    assert.equal(status.currentNumberScheduled, where.length, reported);
    assert.equal(status.numberReady, where.length, reported);
    assert.equal(status.updatedNumberScheduled ?? 0, where.length, reported);
    assert.equal(status.numberAvailable ?? 0, where.length, reported);
    assert.equal(status.numberMisscheduled, 0, reported);
    const found = await podsOfDaemonSet(context, name);
    assert.deepEqual(found.map(({ spec }) => spec?.nodeName).sort(), [...where].sort());
    for (const pod of found) {
      assert.ok(isReady(pod), pod.metadata.name);
      assert.equal(pod.spec?.containers[0]?.image, image);
    }
    return found;
  });
}

export async function runsEverywhere(
  context: BehaviourContext,
  name: string,
  image?: string,
): Promise<Stored<Pod>[]> {
  const where = await workingNodes(context);
  assert.ok(where.length > 0);
  return runsOn(context, name, where, image);
}
