/**
 * Counts each request by what it was about and how it was answered; watches and connections as long as they
 * are open.
 */

import type { StreamBody } from '#client/transport/transport.ts';
import { isLongRunning } from '../../flowcontrol/long-running.ts';
import type { Exchange } from '../../request/exchange.ts';
import { isAppliedType } from '../../request/large-yaml.ts';
import type { AnsweredRequest, Metrics } from '../../request/metrics.ts';
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
        metrics.answered(answeredRequest(exchange, status, lengthOf(body)));
      } else if (isLongRunning(info)) {
        answer.body = counted(body, () => metrics.longRunning(info, status));
      } else {
        answer.body = counted(body, () => () => metrics.answered(answeredRequest(exchange, status, 0)));
      }
    },
  };
}

function answeredRequest(exchange: Exchange, code: number, bytes: number): AnsweredRequest {
  const { info, request } = exchange;
  return {
    info,
    code,
    ms: msSinceStart(exchange),
    bytes,
    bodyBytes: request.body?.length ?? 0,
    isApply: info.verb === 'patch' && isAppliedType(request.headers['content-type']),
    isDryRun: info.verb !== 'get' && info.verb !== 'list' && info.query.get('dryRun') === 'All',
  };
}

function lengthOf(body: Uint8Array | readonly Uint8Array[]): number {
  return body instanceof Uint8Array ? body.length : body.reduce((sum, piece) => sum + piece.length, 0);
}

function msSinceStart({ parts, startedMs }: Exchange): number {
  return parts.env.clock.monotonicMs() - startedMs;
}

/** The stream, counted as open from its start to its end. */
function counted(body: StreamBody, open: () => () => void): StreamBody {
  return watchedStream(body, () => ({ over: open() }));
}
