/** Counts the requests that are being worked on, so that a stop can wait for them: also those whose callers wait no longer. */

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
