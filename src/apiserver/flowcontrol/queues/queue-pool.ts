/** The queues of a priority level by index, and the choice of a queue for a new request. */

import { Queue } from './queue.ts';
import type { QueuedRequest } from './queued-request.ts';

export type RequestQueue = Queue<QueuedRequest>;

export class QueuePool {
  /** A queue is made when it first gets a request. */
  readonly #queues = new Map<number, RequestQueue>();
  #choices = 0;

  get made(): Iterable<RequestQueue> {
    return this.#queues.values();
  }

  /** The queues with an index below `count`, also those that are not made yet. */
  *upTo(count: number): Iterable<RequestQueue> {
    for (let index = 0; index < count; index++) {
      yield this.#queues.get(index) ?? new Queue<QueuedRequest>(index);
    }
  }

  /** The queue of the hand with the least waiting work; equal queues are chosen in turn. */
  choose(hand: readonly number[], areEmpty: boolean): RequestQueue {
    const offset = this.#choices++ % hand.length;
    if (areEmpty) return this.#at(hand[offset]!);
    let best: RequestQueue | undefined;
    for (let i = 0; i < hand.length; i++) {
      const queue = this.#at(hand[(offset + i) % hand.length]!);
      if (!best || queue.totalWorkSum < best.totalWorkSum) best = queue;
    }
    return best!;
  }

  remove(index: number): void {
    this.#queues.delete(index);
  }

  #at(index: number): RequestQueue {
    let queue = this.#queues.get(index);
    if (!queue) {
      queue = new Queue<QueuedRequest>(index);
      this.#queues.set(index, queue);
    }
    return queue;
  }
}
