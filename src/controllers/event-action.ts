/** The step of a plan that records an Event. */

import type { KubeObject } from '#api/object.ts';
import type { Action } from '#client/controller.ts';

export function eventAction(
  regarding: KubeObject,
  eventType: 'Normal' | 'Warning',
  reason: string,
  message: string,
): Action {
  return { do: 'event', regarding, eventType, reason, message };
}
