/** The step of a plan that tells of something by an Event. */

import type { KubeObject } from '#api/object.ts';
import type { Action } from '#client/controller.ts';

export function tell(
  regarding: KubeObject,
  eventType: 'Normal' | 'Warning',
  reason: string,
  message: string,
): Action {
  return { do: 'event', regarding, eventType, reason, message };
}
