/** The action that records an Event. */

import type { KubeObject } from '#api/meta/object.ts';
import type { EventAction } from '#client/controllers/plan.ts';

export function eventAction(
  regarding: KubeObject,
  eventType: 'Normal' | 'Warning',
  reason: string,
  message: string,
  ends?: EventAction['ends'],
): EventAction {
  return { do: 'event', regarding, eventType, reason, message, ...(ends ? { ends } : {}) };
}
