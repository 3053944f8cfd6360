/** The requests of one flow at one priority level, and the thread's time that they have used. */

import type { Place } from '#base/collections/linked-list.ts';
import type { Reading } from '../contract/authentication.ts';

interface WaitingRequest {
  readonly begin: () => void;
  /** How many requests it counts as while it is under way. */
  readonly weight: number;
}

export class ThreadFlow {
  /** Comparable between flows: a flow that was idle continues at the `usedMs` of the others. */
  usedMs = 0;
  /** The weight of the requests that have begun. */
  underWay = 0;
  lastBeganMs = 0;
  readonly waiting: WaitingRequest[] = [];
  /** Requests that have begun, and wait for a further turn when their body has come; they count as under way. */
  readonly goingOn: (() => void)[] = [];
  /** Among the flows whose requests wait. */
  place: Place<ThreadFlow> | undefined;
  /** Connections that have their answer and are not read from, the longest first. */
  readonly parked: Reading[] = [];

  get isWaiting(): boolean {
    return this.waiting.length > 0 || this.goingOn.length > 0;
  }
}
