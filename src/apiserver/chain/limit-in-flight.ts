/** Turns away what would be too much at once; watches and other long-running requests do not count, nor do health checks. */

import { groupMasters } from '#api/meta/user.ts';
import { isHealth } from '../documents/health-checks.ts';
import { isLongRunning } from '../flowcontrol/long-running.ts';
import type { Exchange } from '../request/exchange.ts';

const readOnlyVerbs = new Set(['get', 'list', 'watch', 'head', 'options']);

export function limitInFlight(exchange: Exchange): undefined {
  if (exchange.trusted || exchange.user.groups.includes(groupMasters)) return;
  if (isLongRunning(exchange.info) || isHealth(exchange.info.path)) return;
  exchange.cleanups.push(exchange.core.inFlight.enter(!readOnlyVerbs.has(exchange.info.verb)));
}
