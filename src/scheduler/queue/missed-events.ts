/** The events while a pod is in no queue: during an attempt of many turns of the event loop, or while it makes room. */

import type { ClusterEvent } from '../framework.ts';

/** With more of them one is taken to help. */
const eventsMax = 1_000;

export class MissedEvents {
  readonly #events: ClusterEvent[] = [];
  #isFull = false;

  note(event: ClusterEvent): void {
    if (this.#events.length < eventsMax) this.#events.push(event);
    else this.#isFull = true;
  }

  some(question: (event: ClusterEvent) => boolean): boolean {
    return this.#isFull || this.#events.some(question);
  }
}

/** All pods for which events are noted now. */
export class Followers {
  readonly #following = new Set<MissedEvents>();

  begin(): MissedEvents {
    const missed = new MissedEvents();
    this.#following.add(missed);
    return missed;
  }

  end(missed: MissedEvents): void {
    this.#following.delete(missed);
  }

  note(event: ClusterEvent): void {
    for (const missed of this.#following) missed.note(event);
  }
}
