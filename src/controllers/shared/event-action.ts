/** The step of a plan that records an Event. */

import type { KubeObject } from '#api/meta/object.ts';
import type { Action } from '#client/controllers/controller.ts';

export function eventAction(
  regarding: KubeObject,
  eventType: 'Normal' | 'Warning',
  reason: string,
  message: string,
): Action {
  return { do: 'event', regarding, eventType, reason, message };
}
