/**
 * The deadline of a request: `request-timeout`, or less with `timeout` in its URL. A request that is not answered by
 * then gets 504; its stages go on until they are done. Long-running requests have no deadline.
 */

import { parseGoDuration } from '#api/go/duration.ts';
import { badRequest, timeout } from '#api/meta/status.ts';
import type { Clock } from '#base/clock.ts';
import { errorText } from '#base/text/error-text.ts';
import { type Deadlines, lateText } from '../../flowcontrol/deadlines.ts';
import { isLongRunning } from '../../flowcontrol/long-running.ts';
import type { Stage } from '../stage.ts';
import { refusal } from './panic-recovery.ts';

const nanosecondsPerMs = 1e6;

export function deadline(deadlines: Deadlines, clock: Clock, timeoutMsMax: number): Stage {
  return {
    name: 'deadline',
    isInstant: true,
    callers: 'outside',
    enter(exchange) {
      if (isLongRunning(exchange.info)) return;
      exchange.timeoutMs = timeoutOf(exchange.info.query, timeoutMsMax);
      if (exchange.startedMs + exchange.timeoutMs < clock.monotonicMs()) throw timeout(lateText);
    },
    wait(exchange) {
      const { startedMs, timeoutMs } = exchange;
      if (timeoutMs === undefined) return;
      exchange.deadline = deadlines.begin(startedMs + timeoutMs, () =>
        exchange.answerEarly?.(refusal(exchange, timeout(lateText))),
      );
    },
    end(exchange) {
      if (exchange.deadline) deadlines.answered(exchange.deadline);
    },
  };
}

function timeoutOf(query: URLSearchParams, timeoutMsMax: number): number {
  const text = query.size > 0 ? query.get('timeout') : null;
  if (!text) return timeoutMsMax;
  const asked = Number(durationOf(text)) / nanosecondsPerMs;
  // 0, and more than the maximum, mean the maximum.
  return asked > 0 && asked < timeoutMsMax ? asked : timeoutMsMax;
}

function durationOf(text: string): bigint {
  try {
    return parseGoDuration(text);
  } catch (error) {
    throw badRequest(`invalid timeout specified in the request URL - ${errorText(error)}`);
  }
}
