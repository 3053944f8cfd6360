/**
 * Notices nodes that fall silent or fail, and lets everybody know through conditions and taints.
 *
 * 1. A node is alive as long as its lease or its status changes. After 50 s of silence (60 s when it never spoke) its
 * conditions become Unknown. 2. Taints follow the conditions: NoSchedule at once; NoExecute, which evicts, at the
 * zone's rate. 3. When a node stops being ready, its pods are marked not ready, so that services leave them out.
 * Reads nodes, leases in kube-node-lease and pods; writes node status and taints, pod conditions, Events. Follows
 * upstream's node life cycle controller; eviction itself is in `taint-eviction.ts`.
 */

import { leases, nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Lease, Node, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { podCondition } from '#api/pods/state.ts';
import { rfc3339 } from '#base/clock.ts';
import {
  type Action,
  type ControllerContext,
  defineController,
  type Plan,
} from '#client/controllers/controller.ts';
import { TokenBucket } from '#client/queue/token-bucket.ts';
import { eventAction } from '../shared/event-action.ts';
import { podsByNode } from '../shared/pods-by-node.ts';
import {
  conditionsOfSilent,
  isNodeReady,
  nodeCondition,
  silenceAllowedMs,
  taintsFor,
  wantedNoExecute,
} from './node-health.ts';
import { NodeZones, zoneOf } from './node-zones.ts';

const leaseNamespace = 'kube-node-lease';
const evictionRetryMs = 5_000;

export const nodeLifecycle = defineController({
  name: 'node-controller',
  start: (context) => new NodeLifecycle(context),
});

class NodeLifecycle {
  readonly #context: ControllerContext;
  readonly #lastSeenMs = new Map<string, number>();
  readonly #registered = new Map<string, Stored<Node>>();
  /** Which loss of readiness the node's pods have been marked for. */
  readonly #markedFor = new Map<string, string>();
  readonly #zones = new NodeZones();
  readonly #limits = new Map<string, { bucket: TokenBucket; perSecond: number }>();
  #wasAllDark = true;
  readonly #stops: (() => void)[];

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, enqueue } = context;
    podsByNode(informers);
    const renewed = ({ metadata }: Stored<Lease>) => this.#seen(metadata.name);
    this.#stops = [
      informers.for(nodes).subscribe({
        onAdd: (node) => {
          this.#zones.add(node);
          this.#seen(node.metadata.name);
          this.#noteDarkness();
          enqueue(node.metadata.name);
        },
        onUpdate: (old, node) => {
          this.#zones.remove(old);
          this.#zones.add(node);
          this.#noteDarkness();
          if (heartbeatsOf(old) !== heartbeatsOf(node)) this.#seen(node.metadata.name);
          enqueue(node.metadata.name);
        },
        onDelete: (node) => {
          this.#zones.remove(node);
          this.#noteDarkness();
          this.#lastSeenMs.delete(node.metadata.name);
          this.#markedFor.delete(node.metadata.name);
          enqueue(node.metadata.name);
        },
      }),
      informers.for(leases, { namespace: leaseNamespace }).subscribe({
        onAdd: renewed,
        onUpdate: (old, lease) => {
          if (old.spec?.renewTime !== lease.spec?.renewTime) renewed(lease);
        },
      }),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  reconcile(name: string): Plan {
    const { env, informers } = this.#context;
    const node = informers.for(nodes).get(undefined, name);
    if (!node) return { actions: this.#unregister(name) };
    const nowMs = env.clock.now();
    const silentMs = env.clock.monotonicMs() - (this.#lastSeenMs.get(name) ?? 0);
    const leftMs = silenceAllowedMs(node) - silentMs;
    const conditions = leftMs > 0 ? undefined : conditionsOfSilent(node, nowMs);
    // The node's own change brings it back here, for the taints.
    if (conditions) return { actions: this.#giveUp(node, conditions) };
    const actions = [...this.#register(node), ...this.#retaint(node, nowMs), ...this.#markPods(node, nowMs)];
    const isWaiting = wantedNoExecute(node) !== undefined && !hasNoExecute(node, wantedNoExecute(node)!);
    if (isWaiting && !this.#zones.areAllDark) return { actions, againInMs: evictionRetryMs };
    return leftMs > 0 ? { actions, againInMs: leftMs } : { actions };
  }

  /**
   * When the last node goes dark, all evictions are called off. When the first one is back, the others are given time
   * to be heard before they are judged.
   */
  #noteDarkness(): void {
    const isAllDark = this.#zones.areAllDark;
    if (isAllDark === this.#wasAllDark) return;
    this.#wasAllDark = isAllDark;
    for (const { metadata } of this.#context.informers.for(nodes).list()) {
      if (!isAllDark) this.#seen(metadata.name);
      this.#context.enqueue(metadata.name);
    }
  }

  /** Said once for each node this controller gets to know. */
  #register(node: Stored<Node>): Action[] {
    const { name } = node.metadata;
    if (this.#registered.has(name)) return [];
    this.#registered.set(name, node);
    return [nodeEvent(node, 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`)];
  }

  #unregister(name: string): Action[] {
    const node = this.#registered.get(name);
    if (!node) return [];
    this.#registered.delete(name);
    return [nodeEvent(node, 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`)];
  }

  #seen(name: string): void {
    this.#lastSeenMs.set(name, this.#context.env.clock.monotonicMs());
  }

  #giveUp(node: Stored<Node>, conditions: NonNullable<Node['status']>['conditions']): Action[] {
    const object: Node = { ...node, status: { ...node.status, conditions: conditions ?? [] } };
    const actions: Action[] = [{ do: 'updateStatus', type: nodes, object }];
    if (isNodeReady(node)) {
      const message = `Node ${node.metadata.name} status is now: NodeNotReady`;
      actions.push(nodeEvent(node, 'NodeNotReady', message));
    }
    return actions;
  }

  #retaint(node: Stored<Node>, nowMs: number): Action[] {
    const evictions = { mayBegin: () => this.#mayEvict(node), areOff: this.#zones.areAllDark };
    const taints = taintsFor(node, evictions, nowMs);
    if (!taints) return [];
    const { name, resourceVersion } = node.metadata;
    const patch = { metadata: { resourceVersion }, spec: { taints } };
    return [{ do: 'patch', type: nodes, name, patchType: 'merge', patch }];
  }

  #mayEvict(node: Stored<Node>): boolean {
    const zone = zoneOf(node);
    const perSecond = this.#zones.evictionsPerSecond(zone);
    if (perSecond === 0) return false;
    let limit = this.#limits.get(zone);
    if (limit?.perSecond !== perSecond) {
      limit = { bucket: new TokenBucket(this.#context.env.clock, perSecond, 1), perSecond };
      this.#limits.set(zone, limit);
    }
    return limit.bucket.tryTake();
  }

  /** Once for each time the node stops being ready: its kubelet may still report, and then knows better. */
  #markPods(node: Stored<Node>, nowMs: number): Action[] {
    const { name } = node.metadata;
    const ready = nodeCondition(node, 'Ready');
    if (!ready || ready.status === 'True') {
      this.#markedFor.delete(name);
      return [];
    }
    const loss = `${ready.status} ${ready.lastTransitionTime}`;
    if (this.#markedFor.get(name) === loss) return [];
    const podsThere = podsByNode(this.#context.informers)(name);
    const marked = podsThere.filter((pod) => podCondition(pod, 'Ready')?.status === 'True');
    const remember: Action = {
      do: 'run',
      name: `remember that the pods of ${name} are marked`,
      run: async () => void this.#markedFor.set(name, loss),
    };
    return [...marked.flatMap((pod) => markNotReady(pod, nowMs)), remember];
  }
}

function heartbeatsOf(node: Node): string {
  return (node.status?.conditions ?? []).map((condition) => condition.lastHeartbeatTime).join();
}

function hasNoExecute(node: Node, key: string): boolean {
  return !!node.spec?.taints?.some((taint) => taint.key === key && taint.effect === 'NoExecute');
}

function nodeEvent(node: Stored<Node>, reason: string, message: string): Action {
  const { name, uid } = node.metadata;
  const regarding = { apiVersion: 'v1', kind: 'Node', metadata: { name, uid } };
  return eventAction(regarding, 'Normal', reason, message);
}

function markNotReady(pod: Stored<Pod>, nowMs: number): Action[] {
  const { namespace = '', name, uid } = pod.metadata;
  const condition = { type: 'Ready', status: 'False', lastTransitionTime: rfc3339(nowMs) };
  const patch = { metadata: { uid }, status: { conditions: [condition] } };
  const regarding = { apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata };
  const event = eventAction(regarding, 'Warning', 'NodeNotReady', 'Node is not ready');
  const mark: Action = {
    do: 'run',
    name: `mark pod ${namespace}/${name} not ready`,
    async run(client) {
      try {
        await client.patch(pods, { namespace, name }, 'strategic', patch, { subresource: 'status' });
      } catch (error) {
        if (!(error instanceof StatusError && (error.code === 404 || error.code === 409))) throw error;
      }
    },
  };
  return [event, mark];
}
