/** A queue of a priority level: its waiting requests, the oldest first, and the seats that it has used. */

import { LinkedList, type Place } from '#base/collections/linked-list.ts';
import type { Work } from './work.ts';

/** The fields of a request that its queue reads. */
interface Queueable<R> {
  readonly work: Work;
  readonly seats: number;
  readonly totalWork: number;
  readonly arrivalR: number;
  /** Among the requests that wait, or that execute. */
  place: Place<R> | undefined;
}

export class Queue<R extends Queueable<R>> {
  readonly index: number;
  readonly waiting = new LinkedList<R>();
  readonly executing = new LinkedList<R>();
  /** The reading of the level's progress meter at which its next request starts. */
  nextDispatchR = 0;
  /** Of executing requests, and of answered ones whose seats are still taken. */
  seatsInUse = 0;
  /** Sums over the waiting requests. */
  initialSeatsSum = 0;
  maxSeatsSum = 0;
  totalWorkSum = 0;

  constructor(index: number) {
    this.index = index;
  }

  get isActive(): boolean {
    return this.waiting.size > 0 || this.executing.size > 0;
  }

  get oldest(): R | undefined {
    return this.waiting.first;
  }

  add(request: R): void {
    request.place = this.waiting.add(request);
    this.#count(request, 1);
  }

  remove(request: R): void {
    this.waiting.remove(request.place!);
    this.#count(request, -1);
  }

  /** A request does not start before its arrival, however little its queue has used so far. */
  boundNextDispatch(): void {
    const { oldest } = this;
    if (oldest && this.nextDispatchR < oldest.arrivalR) this.nextDispatchR = oldest.arrivalR;
  }

  #count(request: R, sign: 1 | -1): void {
    this.initialSeatsSum += sign * request.work.initialSeats;
    this.maxSeatsSum += sign * request.seats;
    this.totalWorkSum = this.waiting.size === 0 ? 0 : this.totalWorkSum + sign * request.totalWork;
  }
}
