/** An event about a claim, as a step of a plan. */

import type { PersistentVolumeClaim } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { EventAction } from '#client/controllers/plan.ts';

export function claimEvent(
  regarding: Stored<PersistentVolumeClaim>,
  eventType: 'Normal' | 'Warning',
  reason: string,
  message: string,
): EventAction {
  return { do: 'event', regarding, eventType, reason, message };
}
