/** The pods that a plugin of their profile keeps out of the queue: scheduling gates. */

import type { SchedulerPlugin } from '../framework.ts';
import type { QueueProfile } from './hints.ts';
import type { QueuedPod } from './queued-pod.ts';

export class GatedPods {
  readonly #gates: ReadonlyMap<string, readonly SchedulerPlugin[]>;
  readonly #pods = new Map<string, QueuedPod>();

  constructor(profiles: readonly QueueProfile[]) {
    const gatesOf = ({ plugins }: QueueProfile) => plugins.filter((plugin) => plugin.preEnqueue);
    this.#gates = new Map(profiles.map((profile) => [profile.schedulerName, gatesOf(profile)]));
  }

  get size(): number {
    return this.#pods.size;
  }

  get(key: string): QueuedPod | undefined {
    return this.#pods.get(key);
  }

  remove(key: string): void {
    this.#pods.delete(key);
  }

  /** Takes the pod if it is gated. */
  takes(queued: QueuedPod): boolean {
    const gates = this.#gates.get(queued.info.schedulerName) ?? [];
    if (!gates.some((plugin) => plugin.preEnqueue?.(queued.info))) return false;
    this.#pods.set(queued.info.key, queued);
    return true;
  }
}
