/** What a scheduling queue is given. */

import type { BackOffLimits } from '#base/back-off.ts';
import type { Clock } from '#base/clock.ts';
import type { Listers } from '../cache/listers.ts';
import type { OnEntry } from './entry-events.ts';
import type { QueueProfile } from './hints.ts';

export interface QueueOptions {
  readonly clock: Clock;
  readonly profiles: readonly QueueProfile[];
  readonly backOff: BackOffLimits;
  /** Called when there is something to pop. */
  readonly onReady: () => void;
  readonly onEntry?: OnEntry;
  /** For the plugins' questions. Default: there is nothing. */
  readonly listers?: Listers;
}
