/**
 * Counts each request by what it was about and how it was answered; watches and connections as long as they
 * are open.
 */

import type { StreamBody } from '#client/transport/transport.ts';
import type { RequestInfo } from '../../contract/request-info.ts';
import { isLongRunning } from '../../flowcontrol/long-running.ts';
import type { Exchange } from '../../request/exchange.ts';
import type { Metrics, RequestLabels } from '../../request/metrics.ts';
import type { Stage } from '../stage.ts';

export function requestMetrics(metrics: Metrics): Stage {
  return {
    name: 'metrics',
    leave(exchange, answer) {
      const { info, connection } = exchange;
      const { status, body } = answer;
      const labels = labelsOf(info);
      if (connection?.isTakenOver) {
        connection.socket.once('close', metrics.longRunning(labels, status));
      } else if (!('start' in body)) {
        metrics.answered(labels, status, secondsSinceStart(exchange));
      } else if (isLongRunning(info)) {
        answer.body = counted(body, () => metrics.longRunning(labels, status));
      } else {
        answer.body = counted(
          body,
          () => () => metrics.answered(labels, status, secondsSinceStart(exchange)),
        );
      }
    },
  };
}

function secondsSinceStart({ parts, startedMs }: Exchange): number {
  return (parts.env.clock.monotonicMs() - startedMs) / 1000;
}

function labelsOf(info: RequestInfo): RequestLabels {
  const scope = !info.isResource ? '' : info.name ? 'resource' : info.namespace ? 'namespace' : 'cluster';
  const { group, version, resource, subresource } = info;
  return { verb: info.verb.toUpperCase(), group, version, resource, subresource, scope };
}

/** The stream, counted as open from its start to its end. */
function counted(body: StreamBody, open: () => () => void): StreamBody {
  return {
    start(sink) {
      let close: (() => void) | undefined = open();
      const over = () => {
        close?.();
        close = undefined;
      };
      sink.onClose(over);
      const end = () => {
        over();
        sink.end();
      };
      const fail = (error: Error) => {
        over();
        sink.fail(error);
      };
      const { write, onDrain, onClose } = sink;
      body.start({ write, onDrain, onClose, end, fail });
    },
    cancel: () => body.cancel?.(),
    isPrompt: body.isPrompt === true,
  };
}
