/** The pods that no node fits, by key, and by the plugins whose rejection they wait for. */

import { type QueueProfile, waiterKey, waiterKeys } from './hints.ts';
import type { QueuedPod } from './queued-pod.ts';
import { Sweeps } from './sweeps.ts';

/** More are gone through in steps. */
const atOnceMax = 1_000;

export class ParkedPods {
  readonly #byKey = new Map<string, QueuedPod>();
  readonly #byWaiter = new Map<string, Set<QueuedPod>>();
  readonly #profiles: readonly QueueProfile[];

  constructor(profiles: readonly QueueProfile[]) {
    this.#profiles = profiles;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get areMany(): boolean {
    return this.size > atOnceMax;
  }

  get(key: string): QueuedPod | undefined {
    return this.#byKey.get(key);
  }

  values(): Iterable<QueuedPod> {
    return this.#byKey.values();
  }

  /** A copy: those that are released are removed while it is gone through. */
  waitingFor(waiter: string): readonly QueuedPod[] {
    return [...(this.#byWaiter.get(waiter) ?? [])];
  }

  add(queued: QueuedPod): void {
    this.#byKey.set(queued.info.key, queued);
    for (const waiter of waiterKeys(queued.info, queued.rejectedBy)) {
      const waiting = this.#byWaiter.get(waiter);
      if (waiting) waiting.add(queued);
      else this.#byWaiter.set(waiter, new Set([queued]));
    }
  }

  remove(queued: QueuedPod): void {
    this.#byKey.delete(queued.info.key);
    for (const waiter of waiterKeys(queued.info, queued.rejectedBy)) {
      this.#byWaiter.get(waiter)?.delete(queued);
    }
  }

  removeKey(key: string): void {
    const queued = this.#byKey.get(key);
    if (queued) this.remove(queued);
  }

  /** Questions to all of them in steps: those that one helps are released. */
  sweeps(release: (queued: QueuedPod) => void): Sweeps<QueuedPod> {
    return new Sweeps({
      items: () => this.values(),
      isThere: (queued) => this.get(queued.info.key) === queued,
      take: release,
    });
  }

  /** How many pods each plugin of a profile keeps from being scheduled: those that have kept one. */
  countsByPlugin(): { profile: string; plugin: string; pods: number }[] {
    return this.#profiles.flatMap(({ schedulerName: profile, plugins }) =>
      [...new Set(plugins.map(({ name }) => name))].flatMap((plugin) => {
        const waiting = this.#byWaiter.get(waiterKey(profile, plugin));
        return waiting ? [{ profile, plugin, pods: waiting.size }] : [];
      }),
    );
  }
}
