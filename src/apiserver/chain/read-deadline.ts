/** How long a request may take: a minute, or less when its URL says so. Long-running ones take as long as they like. */

import { parseGoDuration } from '#api/go/duration.ts';
import { badRequest, timeout } from '#api/meta/status.ts';
import { errorText } from '#base/text/error-text.ts';
import { isLongRunning } from '../flowcontrol/long-running.ts';
import type { Exchange } from '../request/exchange.ts';

const timeoutMsMax = 60_000;
const nanosecondsPerMs = 1e6;

export function readDeadline(exchange: Exchange): undefined {
  const { info } = exchange;
  if (isLongRunning(info)) return;
  exchange.timeoutMs = timeoutMsMax;
  const text = info.query.size > 0 ? info.query.get('timeout') : null;
  if (!text) return;
  const asked = Number(durationOf(text)) / nanosecondsPerMs;
  // Nothing, and more than there is, mean as long as there is.
  if (asked > 0 && asked < timeoutMsMax) exchange.timeoutMs = asked;
  const isOver = exchange.startedMs + exchange.timeoutMs < exchange.core.env.clock.monotonicMs();
  if (isOver) throw timeout('request did not complete within the allotted timeout');
}

function durationOf(text: string): bigint {
  try {
    return parseGoDuration(text);
  } catch (error) {
    throw badRequest(`invalid timeout specified in the request URL - ${errorText(error)}`);
  }
}
