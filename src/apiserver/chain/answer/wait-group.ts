/**
 * Counts the requests under way, so that a stop of the server waits for them: also those that the deadline
 * has answered.
 */

import type { Activity } from '../../flowcontrol/activity.ts';
import type { Stage } from '../stage.ts';

export function waitGroup(activity: Activity): Stage {
  return {
    name: 'wait-group',
    isInstant: true,
    enter(exchange) {
      activity.begin();
      exchange.isCounted = true;
    },
    end: ({ isCounted }) => isCounted && activity.end(),
  };
}
