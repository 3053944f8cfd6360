/**
 * Remembers, for each service, which changes have been written already, and so when the oldest unwritten one
 * happened: the start of the programming latency.
 */

import type { Pod, Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { podCondition } from '#api/pods/state.ts';

interface Seen {
  serviceTime: string | undefined;
  podTimes: Map<string, string>;
}

export class TriggerTimes {
  readonly #byService = new Map<string, Seen>();

  /** The oldest change since the last call; undefined when there is none. RFC 3339 in UTC sorts as text. */
  next(key: string, service: Stored<Service>, pods: readonly Stored<Pod>[]): string | undefined {
    const before = this.#byService.get(key);
    const now: Seen = { serviceTime: service.metadata.creationTimestamp, podTimes: new Map() };
    let oldest: string | undefined;
    const note = (time: string, last: string | undefined) => {
      if (last !== undefined && time <= last) return;
      if (oldest === undefined || time < oldest) oldest = time;
    };
    for (const pod of pods) {
      const time = podCondition(pod, 'Ready')?.lastTransitionTime;
      if (!time) continue;
      now.podTimes.set(pod.metadata.name, time);
      note(time, before?.podTimes.get(pod.metadata.name));
    }
    note(service.metadata.creationTimestamp, before?.serviceTime);
    this.#byService.set(key, now);
    return oldest;
  }

  forget(key: string): void {
    this.#byService.delete(key);
  }
}
