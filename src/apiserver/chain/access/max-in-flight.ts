/**
 * Limits the requests in flight with 429, as upstream's WithMaxInFlightLimit. The user is the impersonated
 * one, if any: `system:masters` are not limited. Neither are watches, other long-running requests, and health
 * checks.
 */

import { groupMasters } from '#api/meta/user.ts';
import type { InFlight } from '../../flowcontrol/in-flight.ts';
import { isLongRunning } from '../../flowcontrol/long-running.ts';
import { isHealth } from '../../non-resource/health-checks.ts';
import type { Stage } from '../stage.ts';

const readOnlyVerbs = new Set(['get', 'list', 'watch', 'head', 'options']);

export function maxInFlight(inFlight: InFlight): Stage {
  return {
    name: 'max-in-flight',
    callers: 'outside',
    enter(exchange) {
      const { info, user } = exchange;
      if (user.groups.includes(groupMasters) || isLongRunning(info) || isHealth(info.path)) return;
      exchange.leaveInFlight = inFlight.enter(!readOnlyVerbs.has(info.verb));
    },
    end: ({ leaveInFlight }) => leaveInFlight?.(),
  };
}
