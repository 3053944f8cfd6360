/** Which plugins of which profiles have something to say about an event; and who waits for which plugin. */

import type { Listers } from '../cache/listers.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { ClusterEvent, ClusterEventKind, EventHint, SchedulerPlugin } from '../framework.ts';

/** The plugins by whose judgement the pods of a scheduler's name wait. */
export interface QueueProfile {
  readonly schedulerName: string;
  readonly plugins: readonly SchedulerPlugin[];
}

interface KnownHint {
  readonly waiter: string;
  readonly hint: EventHint;
}

/** Key of the pods that a plugin of their profile rejected. */
export function waiterKey(schedulerName: string, plugin: string): string {
  return `${schedulerName}/${plugin}`;
}

/** Key of the pods that no plugin rejected, as when there are no nodes: any event may help. */
export const anyEvent = '';

export function waiterKeys(pod: PodInfo, rejectedBy: ReadonlySet<string>): string[] {
  if (rejectedBy.size === 0) return [anyEvent];
  return Array.from(rejectedBy, (plugin) => waiterKey(pod.schedulerName, plugin));
}

export class Hints {
  readonly #byKind = new Map<ClusterEventKind, KnownHint[]>();

  readonly #listers: Listers;

  constructor(profiles: readonly QueueProfile[], listers: Listers) {
    this.#listers = listers;
    for (const { schedulerName, plugins } of profiles) {
      for (const { name, hints = [] } of plugins) {
        for (const hint of hints) this.#add(waiterKey(schedulerName, name), hint);
      }
    }
  }

  of(kind: ClusterEventKind): readonly KnownHint[] {
    return this.#byKind.get(kind) ?? [];
  }

  /** Could the event help a pod that these plugins rejected? */
  mayHelp(pod: PodInfo, rejectedBy: ReadonlySet<string>, event: ClusterEvent): boolean {
    if (rejectedBy.size === 0) return true;
    const waiters = waiterKeys(pod, rejectedBy);
    return this.of(event.kind).some(
      ({ waiter, hint }) => waiters.includes(waiter) && this.helps(hint, pod, event),
    );
  }

  helps({ helps }: EventHint, pod: PodInfo, event: ClusterEvent): boolean {
    return !helps || helps(pod, event, this.#listers);
  }

  #add(waiter: string, hint: EventHint): void {
    for (const kind of hint.kinds) {
      const known = this.#byKind.get(kind);
      if (known) known.push({ waiter, hint });
      else this.#byKind.set(kind, [{ waiter, hint }]);
    }
  }
}
