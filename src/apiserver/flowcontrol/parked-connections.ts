/**
 * Connections that are not read from, because enough requests of their flow are waiting for the thread. To read a
 * request takes about as long as to answer it, and one turn of the event loop reads all that have come: hundreds of
 * connections that one user keeps busy would hold up every other user's request by all of theirs.
 */

import type { Reading } from '../contract/authentication.ts';
import type { ThreadFlow } from './thread-flow.ts';

/** As many as a turn begins, and as it may have to read. */
const waitingEnough = 4;

export class ParkedConnections {
  readonly #flows = new Set<ThreadFlow>();

  get isEmpty(): boolean {
    return this.#flows.size === 0;
  }

  /** A request was answered: its connection is read from at once if its flow has room, or else after those parked. */
  offer(flow: ThreadFlow, reading: Reading): void {
    if (flow.parked.length === 0 && flow.waiting.length < waitingEnough) return;
    reading.pause();
    flow.parked.push(reading);
    this.#flows.add(flow);
  }

  /**
   * Reads from as many as their flows have room for: what they have sent arrives in this turn. Returns whether some of
   * the rest may have room in the next turn.
   */
  readOn(): boolean {
    let hasMore = false;
    for (const flow of this.#flows) {
      const room = Math.max(0, waitingEnough - flow.waiting.length);
      for (const reading of flow.parked.splice(0, room)) reading.resume();
      if (flow.parked.length === 0) this.#flows.delete(flow);
      else if (room > 0) hasMore = true;
    }
    return hasMore;
  }
}
