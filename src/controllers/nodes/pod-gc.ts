/**
 * Removes pods that no other controller removes.
 *
 * Every 20 s: the oldest ended pods beyond 12,500; pods of nodes that have been gone for 40 s; pods that were deleted
 * before they got a node; pods that terminate on a node taken out of service.
 * Reads pods and nodes; writes pod phase Failed and the condition DisruptionTarget, then deletes without grace.
 * Follows upstream's pod garbage collector.
 */

import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Node, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { isPodTerminal, observedGeneration } from '#api/pods/state.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Client } from '#client/client.ts';
import { type Action, defineController } from '#client/controllers/controller.ts';

const everyMs = 20_000;
const quarantineMs = 40_000;
const endedPodsMax = 12_500;
const outOfService = 'node.kubernetes.io/out-of-service';

export const podGc = defineController({
  name: 'pod-garbage-collector',
  workers: 1,
  start({ env, informers, enqueue }) {
    const podInformer = informers.for(pods);
    const nodeInformer = informers.for(nodes);
    const missingSinceMs = new Map<string, number>();
    enqueue('pods', everyMs);
    return {
      reconcile() {
        const view: PodGcView = {
          pods: podInformer.list(),
          node: (name) => nodeInformer.get(undefined, name),
          missingSinceMs,
          monotonicMs: env.clock.monotonicMs(),
          nowMs: env.clock.now(),
        };
        return { actions: [{ do: 'together', actions: collect(view) }], againInMs: everyMs };
      },
    };
  },
});

export interface PodGcView {
  readonly pods: readonly Stored<Pod>[];
  node(name: string): Stored<Node> | undefined;
  /** When each missing node was first missed; kept from round to round. */
  readonly missingSinceMs: Map<string, number>;
  readonly monotonicMs: number;
  readonly nowMs: number;
  readonly endedPodsMax?: number;
}

export function collect(view: PodGcView): Action[] {
  const lost = lostNodes(view);
  const actions: Action[] = [];
  for (const pod of tooManyEnded(view)) actions.push(remove(pod, view));
  for (const pod of view.pods) {
    const node = pod.spec?.nodeName;
    const isGoing = pod.metadata.deletionTimestamp !== undefined;
    if (node && lost.has(node)) actions.push(remove(pod, view, 'PodGC: node no longer exists', node));
    else if (!node && isGoing) actions.push(remove(pod, view));
    else if (node && isGoing && isOutOfService(view.node(node))) {
      actions.push(remove(pod, view, 'PodGC: node is out-of-service'));
    }
  }
  return actions;
}

/** Nodes that pods name and that have been missing long enough. */
function lostNodes({ pods, node, missingSinceMs, monotonicMs }: PodGcView): Set<string> {
  const named = new Set<string>();
  for (const pod of pods) if (pod.spec?.nodeName) named.add(pod.spec.nodeName);
  for (const name of missingSinceMs.keys()) {
    if (!named.has(name) || node(name)) missingSinceMs.delete(name);
  }
  const lost = new Set<string>();
  for (const name of named) {
    if (node(name)) continue;
    const sinceMs = missingSinceMs.get(name) ?? monotonicMs;
    missingSinceMs.set(name, sinceMs);
    if (monotonicMs - sinceMs >= quarantineMs) lost.add(name);
  }
  return lost;
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
  const isReady = node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return !isReady && !!node?.spec?.taints?.some((taint) => taint.key === outOfService);
}

/** `lostNode` is asked for once more at the server: caches can lag. One pod's failure must not stop the others. */
function remove(pod: Stored<Pod>, view: PodGcView, why?: string, lostNode?: string): Action {
  const { namespace = '', name, uid } = pod.metadata;
  return {
    do: 'run',
    name: `remove pod ${namespace}/${name}`,
    async run(client) {
      try {
        if (lostNode && (await nodeExists(client, lostNode))) return;
        if (!isPodTerminal(pod)) await markFailed(client, pod, view.nowMs, why);
        await client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
      }
    },
  };
}

async function nodeExists(client: Client, name: string): Promise<boolean> {
  try {
    await client.get(nodes, { name });
    return true;
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return false;
    throw error;
  }
}

async function markFailed(
  client: Client,
  pod: Stored<Pod>,
  nowMs: number,
  why: string | undefined,
): Promise<void> {
  const { namespace = '', name, uid } = pod.metadata;
  const lastTransitionTime = rfc3339(nowMs);
  const condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: why };
  const generation = observedGeneration(pod);
  const conditions = why ? [{ ...condition, lastTransitionTime, ...generation }] : [];
  const status = { phase: 'Failed', ...generation, ...(why ? { conditions } : {}) };
  const patch = { metadata: { uid }, status };
  await client.patch(pods, { namespace, name }, 'strategic', patch, { subresource: 'status' });
}
