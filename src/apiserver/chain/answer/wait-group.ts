/**
 * Counts the requests under way, so that a stop of the server waits for them: also those that the deadline
 * has answered, and lists that are still being sent. A server that stops begins no others: their callers get 503,
 * and may ask the next server at once.
 */

import { serviceUnavailable } from '#api/meta/status.ts';
import { isStream } from '#client/transport/body.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { isLongRunning } from '../../flowcontrol/long-running.ts';
import type { Shutdown } from '../../flowcontrol/shutdown/shutdown.ts';
import type { Stage } from '../stage.ts';
import { isServedToTheEnd } from './retry-after.ts';
import { watchedStream } from './watched-stream.ts';

const refusal = `${JSON.stringify(serviceUnavailable('apiserver is shutting down').status)}\n\n`;

export function waitGroup(shutdown: Shutdown): Stage {
  const { requests, lists } = shutdown;
  return {
    name: 'wait-group',
    isInstant: true,
    enter(exchange) {
      if (shutdown.isRefusing && !exchange.trusted && !isServedToTheEnd(exchange)) return refused();
      requests.begin();
      exchange.isCounted = true;
      return undefined;
    },
    leave({ isCounted, info }, answer) {
      if (!isCounted || !isStream(answer.body) || isLongRunning(info)) return;
      answer.body = watchedStream(answer.body, () => lists.begin());
    },
    end: ({ isCounted }) => isCounted && requests.end(),
  };
}

function refused(): ApiResponse {
  const headers = {
    'content-type': 'application/json',
    'retry-after': '1',
    'x-content-type-options': 'nosniff',
  };
  return { status: 503, headers, body: Buffer.from(refusal) };
}
