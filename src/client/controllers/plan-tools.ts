/** Everything that carrying out a plan needs. */

import type { Client } from '../client.ts';
import type { EventRecorder } from '../events/recorder.ts';
import type { WritePace } from '../queue/write-pace.ts';
import type { OwnObjects } from './own-objects.ts';
import type { SpecialStep } from './special.ts';

export interface PlanTools {
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly pace: WritePace;
  readonly own: OwnObjects;
  /** The key of the reconcile that made the plan. */
  readonly key: string;
  readonly steps: readonly SpecialStep[];
  wake(key: string, delayMs?: number): void;
}
