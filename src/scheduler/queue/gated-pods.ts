/** The pods that a plugin of their profile keeps out of the queue: scheduling gates, claims that are missing. */

import type { Listers } from '../cache/listers.ts';
import type { SchedulerPlugin } from '../framework.ts';
import { type QueueProfile, waiterKey } from './hints.ts';
import type { QueuedPod } from './queued-pod.ts';

export class GatedPods {
  readonly #gates: ReadonlyMap<string, readonly SchedulerPlugin[]>;
  readonly #listers: Listers;
  readonly #pods = new Map<string, { readonly queued: QueuedPod; readonly waiter: string }>();
  /** Keys by waiter: the plugin that keeps them out. */
  readonly #byWaiter = new Map<string, Set<string>>();

  constructor(profiles: readonly QueueProfile[], listers: Listers) {
    this.#listers = listers;
    const gatesOf = ({ plugins }: QueueProfile) => plugins.filter((plugin) => plugin.preEnqueue);
    this.#gates = new Map(profiles.map((profile) => [profile.schedulerName, gatesOf(profile)]));
  }

  get size(): number {
    return this.#pods.size;
  }

  get(key: string): QueuedPod | undefined {
    return this.#pods.get(key)?.queued;
  }

  /** A copy: those that are let in are removed while it is gone through. */
  waitingFor(waiter: string): readonly QueuedPod[] {
    return [...(this.#byWaiter.get(waiter) ?? [])].flatMap((key) => this.get(key) ?? []);
  }

  remove(key: string): void {
    const gated = this.#pods.get(key);
    if (!gated) return;
    this.#pods.delete(key);
    const keys = this.#byWaiter.get(gated.waiter);
    keys?.delete(key);
    if (keys?.size === 0) this.#byWaiter.delete(gated.waiter);
  }

  /** Takes the pod if it is gated. */
  takes(queued: QueuedPod): boolean {
    const { schedulerName, key } = queued.info;
    const gates = this.#gates.get(schedulerName) ?? [];
    const gate = gates.find((plugin) => plugin.preEnqueue?.(queued.info, this.#listers));
    this.remove(key);
    if (!gate) return false;
    const waiter = waiterKey(schedulerName, gate.name);
    this.#pods.set(key, { queued, waiter });
    const keys = this.#byWaiter.get(waiter) ?? new Set();
    this.#byWaiter.set(waiter, keys.add(key));
    return true;
  }
}
