/**
 * API priority and fairness, as upstream's WithPriorityAndFairness: a request begins when its priority level has seats
 * for it and its flow has its turn; too many get 429. The user is the impersonated one. Long-running requests take no
 * seats, watches only until their first objects are sent.
 */

import type { ApiResponse } from '#client/transport/transport.ts';
import { textResponse } from '../../codec/encode/json-response.ts';
import type { FlowControl, Ticket } from '../../flowcontrol/flow-control.ts';
import { isLongRunning } from '../../flowcontrol/long-running.ts';
import { watchedStream } from '../answer/watched-stream.ts';
import type { Stage } from '../stage.ts';

const schemaHeader = 'x-kubernetes-pf-flowschema-uid';
const levelHeader = 'x-kubernetes-pf-prioritylevel-uid';

export function priorityAndFairness(flowControl: FlowControl): Stage {
  return {
    name: 'priority-and-fairness',
    callers: 'outside',
    enter(exchange) {
      const { info } = exchange;
      if (info.verb !== 'watch' && isLongRunning(info)) {
        const { turn, begins } = flowControl.beginLongRunning(exchange);
        exchange.turn = turn;
        return begins?.then(() => undefined);
      }
      if (info.verb !== 'list' && info.verb !== 'watch') exchange.parts.steps.beShort();
      const ticket = flowControl.begin(exchange);
      exchange.ticket = ticket;
      exchange.turn = ticket.turn;
      if (ticket.isRefused) return refusal(flowControl, ticket);
      return ticket.begins?.then((begins) => (begins ? undefined : refusal(flowControl, ticket)));
    },
    leave({ ticket, info }, answer) {
      if (!ticket) return;
      const { schema } = ticket;
      answer.headers[schemaHeader] = schema.uid;
      answer.headers[levelHeader] = schema.level.uid;
      const { body } = answer;
      if (info.verb === 'watch' && 'start' in body) {
        answer.body = watchedStream(body, () => ({ over: flowControl.watches.register(info) }));
      }
    },
    end({ ticket, turn }) {
      if (ticket) ticket.end();
      else turn?.end();
    },
  };
}

function refusal(flowControl: FlowControl, ticket: Ticket): ApiResponse {
  const { headers, ...response } = textResponse(429, 'Too many requests, please try again later.\n');
  return { ...response, headers: { ...headers, 'retry-after': String(flowControl.refuse(ticket)) } };
}
