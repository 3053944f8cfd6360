/**
 * Binds a pod to the node chosen for it. From `reserve` on, its requests count against the node; when a
 * plugin or the API server rejects later, everything reserved is released.
 */

import { pods } from '#api/generated/kinds.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Client } from '#client/client.ts';
import type { ClusterCache } from './cache/cache.ts';
import type { NodeInfo } from './cache/node-info.ts';
import type { PodInfo } from './cache/pod-info.ts';
import type { PointTiming } from './cycle/algorithm.ts';
import type { Rejection, SchedulerPlugin } from './framework.ts';
import type { PointStatus } from './metrics/scheduler-metrics.ts';
import type { SchedulingQueue } from './queue/queue.ts';

export interface BinderParts {
  readonly client: Client;
  readonly plugins: readonly SchedulerPlugin[];
  readonly cache: ClusterCache;
  readonly queue: SchedulingQueue;
  readonly timing: PointTiming;
}

export class Binder {
  readonly #client: Client;
  readonly #plugins: readonly SchedulerPlugin[];
  readonly #cache: ClusterCache;
  readonly #queue: SchedulingQueue;
  readonly #timing: PointTiming;

  constructor({ client, plugins, cache, queue, timing }: BinderParts) {
    this.#client = client;
    this.#plugins = plugins;
    this.#cache = cache;
    this.#queue = queue;
    this.#timing = timing;
  }

  /** Returns the rejection of the first plugin that refuses. */
  reserve(pod: PodInfo, node: NodeInfo): Rejection | undefined {
    const { clock, ran } = this.#timing;
    const beganMs = clock.monotonicMs();
    const rejection = this.#reserve(pod, node);
    ran('Reserve', rejection ? 'Unschedulable' : 'Success', clock.monotonicMs() - beganMs);
    return rejection;
  }

  #reserve(pod: PodInfo, node: NodeInfo): Rejection | undefined {
    this.#cache.assume(pod, node);
    this.#cache.nominations.remove(pod.key);
    const asked: SchedulerPlugin[] = [];
    for (const plugin of this.#plugins) {
      const rejection = plugin.reserve?.(pod, node);
      asked.push(plugin);
      if (!rejection) continue;
      this.#giveBack(pod, node, asked);
      return rejection;
    }
    return undefined;
  }

  /** Throws `RefusedLate` when a plugin rejects, otherwise the API server's error. */
  async bind(pod: PodInfo, node: NodeInfo): Promise<void> {
    try {
      await this.#timed('PreBind', () => this.#preBind(pod, node));
      await this.#timed('Bind', () => this.#post(pod, node.name));
    } catch (error) {
      this.#giveBack(pod, node, this.#plugins);
      throw error;
    }
  }

  async #timed(point: 'PreBind' | 'Bind', run: () => Promise<void>): Promise<void> {
    const { clock, ran } = this.#timing;
    const beganMs = clock.monotonicMs();
    let status: PointStatus = 'Success';
    try {
      await run();
    } catch (error) {
      status = error instanceof RefusedLate ? 'Unschedulable' : 'Error';
      throw error;
    } finally {
      ran(point, status, clock.monotonicMs() - beganMs);
    }
  }

  async #preBind(pod: PodInfo, node: NodeInfo): Promise<void> {
    for (const plugin of this.#plugins) {
      const rejection = plugin.preBind && (await plugin.preBind(pod, node));
      if (rejection) throw new RefusedLate(rejection);
    }
  }

  async #post(pod: PodInfo, node: string): Promise<void> {
    const { name, uid } = pod.pod.metadata;
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace: pod.namespace, uid },
      target: { kind: 'Node', name: node },
    };
    await this.#client.createSubresource<KubeObject>(
      pods,
      { namespace: pod.namespace, name },
      'binding',
      binding as KubeObject,
    );
  }

  #giveBack(pod: PodInfo, node: NodeInfo, plugins: readonly SchedulerPlugin[]): void {
    for (const plugin of [...plugins].reverse()) plugin.unreserve?.(pod, node);
    this.#cache.forget(pod);
    this.#queue.onEvent({ kind: 'Pod/AssignedDelete', pod, node });
  }
}

/** A plugin rejected the pod after the node had been chosen. */
export class RefusedLate extends Error {
  readonly rejection: Rejection;
  constructor(rejection: Rejection) {
    super(refusalOfOne(rejection));
    this.rejection = rejection;
  }
}

/** Upstream's wording: zero nodes of the one chosen are available. */
export function refusalOfOne({ reasons }: Rejection): string {
  return `0/1 nodes are available: ${reasons.map((reason) => `1 ${reason}`).join(', ')}.`;
}
