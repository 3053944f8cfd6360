/** The requests of one flow at one priority level, and the thread's time that they have used. */

import type { Place } from '#base/collections/linked-list.ts';
import type { Reading } from '../contract/authentication.ts';

export class ThreadFlow {
  /** Comparable between flows: a flow that was idle continues at the `usedMs` of the others. */
  usedMs = 0;
  underWay = 0;
  lastBeganMs = 0;
  readonly waiting: (() => void)[] = [];
  /** Among the flows whose requests wait. */
  place: Place<ThreadFlow> | undefined;
  /** Connections that have their answer and are not read from, the longest first. */
  readonly parked: Reading[] = [];
}
