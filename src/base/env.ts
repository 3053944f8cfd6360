/** What every long-lived part is given: clock, randomness and a log. */

import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Random } from './random.ts';

export interface Env {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}
