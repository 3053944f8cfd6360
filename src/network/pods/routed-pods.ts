/**
 * The pod network between nodes, kept on one of them: it follows the Node objects. What a stop leaves goes on carrying
 * packets.
 *
 * Upstream leaves this to an add-on; packets go as with flannel's backends host-gw and vxlan.
 */

import { nodes } from '#api/generated/kinds.gen.ts';
import type { Node } from '#api/generated/types.gen.ts';
import type { Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { Informer, Informers } from '#client/informers/informer.ts';
import { internalIp, ipv4Ranges } from './node-routes.ts';
import { PodPaths, type PodsFrame } from './pod-paths.ts';

export interface RoutedPodsOptions {
  readonly env: Env;
  readonly informers: Informers;
  readonly nodeName: string;
  readonly address: string;
  readonly frame: PodsFrame;
  /** Called with the MTU of pods when it changes. */
  readonly onMtu: (mtu: number) => Promise<void>;
}

export interface RoutedPods {
  /** Stops watching; routes, tunnel and table stay. */
  stop(): void;
}

/** Resolves when all Nodes of the first list have their routes. */
export async function startRoutedPods(options: RoutedPodsOptions): Promise<RoutedPods> {
  const informer = options.informers.for<Node>(nodes);
  await informer.synced();
  const keeper = new RouteKeeper(options, informer);
  await keeper.start();
  return keeper;
}

const retryMs = 1000;
/** A device that was taken down has lost its routes, and no object changes. */
const checkMs = 10_000;

class RouteKeeper implements RoutedPods {
  readonly #options: RoutedPodsOptions;
  readonly #nodes: Informer<Node>;
  readonly #paths: PodPaths;
  #unsubscribe: (() => void) | undefined;
  #timer: Timer | undefined;
  #isRunning = false;
  /** A Node has changed since the last run began. */
  #isStale = false;
  #isStopped = false;
  #mtu: number | undefined;
  /** What was last logged, by node. */
  #unreachable: ReadonlyMap<string, string> = new Map();

  constructor(options: RoutedPodsOptions, informer: Informer<Node>) {
    this.#options = options;
    this.#nodes = informer;
    this.#paths = new PodPaths(options.frame, { name: options.nodeName, address: options.address });
  }

  async start(): Promise<void> {
    const onChange = () => void this.#run();
    const onUpdate = (before: Node, now: Node) => placeOf(before) === placeOf(now) || onChange();
    await this.#run();
    this.#unsubscribe = this.#nodes.subscribe({ onAdd: onChange, onUpdate, onDelete: onChange });
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#unsubscribe?.();
  }

  /** Never rejects. Changes that come meanwhile are taken together, in one more round. */
  async #run(): Promise<void> {
    this.#isStale = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#timer?.cancel();
    let nextMs = checkMs;
    // After stop() everything may have been deleted: nothing must be created again.
    while (this.#isStale && !this.#isStopped) {
      this.#isStale = false;
      nextMs = (await this.#follow()) ? checkMs : retryMs;
    }
    this.#isRunning = false;
    if (!this.#isStopped) this.#timer = this.#options.env.clock.after(nextMs, () => void this.#run());
  }

  async #follow(): Promise<boolean> {
    const { env, onMtu } = this.#options;
    try {
      const { mtu, unreachable } = await this.#paths.follow(this.#nodes.list());
      this.#report(unreachable);
      if (mtu !== this.#mtu) await onMtu(mtu);
      this.#mtu = mtu;
      return true;
    } catch (error) {
      env.log.error('routes to other nodes could not be written; they will be tried again', {
        error: String(error),
      });
      return false;
    }
  }

  #report(unreachable: ReadonlyMap<string, string>): void {
    for (const [node, reason] of unreachable) {
      if (this.#unreachable.get(node) === reason) continue;
      this.#options.env.log.warn('pods of a node cannot be reached', { node, reason });
    }
    this.#unreachable = unreachable;
  }
}

/** Heartbeats change none of it. */
function placeOf(node: Node): string {
  return JSON.stringify([internalIp(node), ipv4Ranges(node)]);
}
