/**
 * Limits the number of requests under way, read-only and mutating ones apart, where priority and fairness is switched
 * off: those beyond it get 429, but for members of system:masters. Long-running requests do not count.
 */

import { groupMasters } from '#api/meta/user.ts';
import { textResponse } from '../../codec/encode/json-response.ts';
import { isReadOnly } from '../../flowcontrol/flow-control.ts';
import { isLongRunning } from '../../flowcontrol/long-running.ts';
import type { ReadWriteSeries } from '../../flowcontrol/metrics/read-write-series.ts';
import type { Exchange } from '../../request/exchange.ts';
import type { RequestSettings } from '../../request/request-settings.ts';
import type { Stage } from '../stage.ts';

const message = 'Too many requests, please try again later.\n';

export function maxInFlight(
  { readOnlyMax, mutatingMax }: Pick<RequestSettings, 'readOnlyMax' | 'mutatingMax'>,
  counted: ReadWriteSeries,
): Stage {
  const underWay = new WeakSet<Exchange>();
  const count = ({ info, parts }: Exchange, change: 1 | -1) =>
    counted.executing(!isReadOnly(info.verb), change, parts.env.clock.monotonicMs());
  return {
    name: 'max-in-flight',
    isInstant: true,
    callers: 'outside',
    enter(exchange) {
      const { info, user } = exchange;
      if (isLongRunning(info)) return undefined;
      const limit = isReadOnly(info.verb) ? readOnlyMax : mutatingMax;
      if (limit === 0) return undefined;
      const { readOnly, mutating } = counted.counts.executing;
      if ((isReadOnly(info.verb) ? readOnly : mutating) >= limit) {
        return user.groups?.includes(groupMasters) ? undefined : refusal();
      }
      underWay.add(exchange);
      count(exchange, 1);
      return undefined;
    },
    end(exchange) {
      if (underWay.delete(exchange)) count(exchange, -1);
    },
  };
}

function refusal() {
  const { headers, ...response } = textResponse(429, message);
  return { ...response, headers: { ...headers, 'retry-after': '1' } };
}
