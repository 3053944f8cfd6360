/**
 * Counts each request by what it was about and how it was answered; watches and connections as long as they
 * are open.
 */

import type { StreamBody } from '#client/transport/transport.ts';
import { isLongRunning } from '../../flowcontrol/long-running.ts';
import type { Exchange } from '../../request/exchange.ts';
import type { Metrics } from '../../request/metrics.ts';
import type { Stage } from '../stage.ts';
import { watchedStream } from './watched-stream.ts';

export function requestMetrics(metrics: Metrics): Stage {
  return {
    name: 'metrics',
    leave(exchange, answer) {
      const { info, connection } = exchange;
      const { status, body } = answer;
      if (connection?.isTakenOver) {
        connection.socket.once('close', metrics.longRunning(info, status));
      } else if (!('start' in body)) {
        metrics.answered(info, status, msSinceStart(exchange));
      } else if (isLongRunning(info)) {
        answer.body = counted(body, () => metrics.longRunning(info, status));
      } else {
        answer.body = counted(body, () => () => metrics.answered(info, status, msSinceStart(exchange)));
      }
    },
  };
}

function msSinceStart({ parts, startedMs }: Exchange): number {
  return parts.env.clock.monotonicMs() - startedMs;
}

/** The stream, counted as open from its start to its end. */
function counted(body: StreamBody, open: () => () => void): StreamBody {
  return watchedStream(body, () => ({ over: open() }));
}
