/**
 * Removes pods that no other controller removes, every 20 s:
 *
 *   - the oldest ended pods beyond 12,500
 *   - pods of nodes that have been gone for 40 s
 *   - pods that were deleted before they got a node
 *   - pods that terminate on a node taken out of service
 *
 * Reads pods and nodes; writes pod phase Failed and the condition DisruptionTarget, then deletes without
 * grace. Follows upstream's pod garbage collector.
 */

import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Node, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { isNodeReady } from '#api/nodes/state.ts';
import { isPodTerminal, observedGeneration } from '#api/pods/state.ts';
import { rfc3339 } from '#base/clock.ts';
import type { ReadClient } from '#client/client.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, targetOf } from '#client/controllers/plan.ts';

const everyMs = 20_000;
const quarantineMs = 40_000;
const endedPodsMax = 12_500;
const outOfService = 'node.kubernetes.io/out-of-service';

export const podGc = defineController({
  name: 'pod-garbage-collector',
  workers: 1,
  start({ env, client, informers, enqueue }) {
    const cachedPods = informers.for(pods);
    const cachedNodes = informers.for(nodes);
    const missingSinceMs = new Map<string, number>();
    enqueue('pods', everyMs);
    return {
      // Runs periodically: no change enqueues it.
      watches: [],
      async reconcile() {
        const node = (name: string) => cachedNodes.get(undefined, name);
        const missing = missingLongEnough(cachedPods.list(), node, missingSinceMs, env.clock.monotonicMs());
        const view: PodGcView = {
          lostNodes: await goneFrom(client, missing),
          pods: cachedPods.list(),
          node,
          nowMs: env.clock.now(),
        };
        const actions = collect(view);
        return { actions: actions.length > 0 ? [{ do: 'together', actions }] : [], againInMs: everyMs };
      },
    };
  },
});

export interface PodGcView {
  readonly pods: readonly Stored<Pod>[];
  node(name: string): Stored<Node> | undefined;
  /** Names of deleted nodes that pods still have. */
  readonly lostNodes: ReadonlySet<string>;
  readonly nowMs: number;
  readonly endedPodsMax?: number;
}

export function collect(view: PodGcView): Action[] {
  const { lostNodes } = view;
  const actions: Action[] = [];
  for (const pod of tooManyEnded(view)) actions.push(remove(pod, view));
  for (const pod of view.pods) {
    const node = pod.spec?.nodeName;
    const isTerminating = pod.metadata.deletionTimestamp !== undefined;
    if (node && lostNodes.has(node)) actions.push(remove(pod, view, 'PodGC: node no longer exists'));
    else if (!node && isTerminating) actions.push(remove(pod, view));
    else if (node && isTerminating && isOutOfService(view.node(node))) {
      actions.push(remove(pod, view, 'PodGC: node is out-of-service'));
    }
  }
  return actions;
}

/** Nodes that pods name and that have been missing long enough. `missingSinceMs` is kept between rounds. */
export function missingLongEnough(
  pods: readonly Pod[],
  node: PodGcView['node'],
  missingSinceMs: Map<string, number>,
  monotonicMs: number,
): string[] {
  const named = new Set<string>();
  for (const pod of pods) if (pod.spec?.nodeName) named.add(pod.spec.nodeName);
  for (const name of missingSinceMs.keys()) {
    if (!named.has(name) || node(name)) missingSinceMs.delete(name);
  }
  for (const name of named) {
    if (!node(name) && !missingSinceMs.has(name)) missingSinceMs.set(name, monotonicMs);
  }
  return [...missingSinceMs]
    .filter(([, sinceMs]) => monotonicMs - sinceMs >= quarantineMs)
    .map(([name]) => name);
}

/** The nodes that the server does not have either: caches may lag. */
async function goneFrom(client: ReadClient, names: readonly string[]): Promise<Set<string>> {
  const gone = new Set<string>();
  for (const name of names) if (!(await nodeExists(client, name))) gone.add(name);
  return gone;
}

/** Evicted ones first, then the oldest, then by name. */
function tooManyEnded(view: PodGcView): Stored<Pod>[] {
  const ended = view.pods.filter((pod) => isPodTerminal(pod) && !pod.metadata.deletionTimestamp);
  const surplus = ended.length - (view.endedPodsMax ?? endedPodsMax);
  if (surplus <= 0) return [];
  const rank = (pod: Pod) => (pod.status?.reason === 'Evicted' ? 0 : 1);
  return ended
    .sort(
      (a, b) =>
        rank(a) - rank(b) ||
        compareText(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
        compareText(a.metadata.name, b.metadata.name),
    )
    .slice(0, surplus);
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function isOutOfService(node: Stored<Node> | undefined): boolean {
  return !isNodeReady(node) && !!node?.spec?.taints?.some((taint) => taint.key === outOfService);
}

/** A failure with one pod must not stop the others. */
function remove(pod: Stored<Pod>, view: PodGcView, message?: string): Action {
  const target = targetOf(pods, pod);
  const options = { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } };
  const deletion: Action = { do: 'delete', ...target, options, ignore: 'any' };
  if (isPodTerminal(pod)) return deletion;
  return {
    do: 'patch',
    ...target,
    patchType: 'strategic',
    patch: failedBecause(pod, view.nowMs, message),
    subresource: 'status',
    ignore: 'any',
    ifDone: [deletion],
  };
}

function failedBecause(pod: Stored<Pod>, nowMs: number, message: string | undefined): unknown {
  const metadata = { uid: pod.metadata.uid };
  const generation = observedGeneration(pod);
  if (message === undefined) return { metadata, status: { phase: 'Failed', ...generation } };
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByPodGC',
    message,
    lastTransitionTime: rfc3339(nowMs),
    ...generation,
  };
  return { metadata, status: { phase: 'Failed', ...generation, conditions: [condition] } };
}

async function nodeExists(client: ReadClient, name: string): Promise<boolean> {
  try {
    await client.get(nodes, { name });
    return true;
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return false;
    throw error;
  }
}
