/** Gives a special handler what it needs: the server's own client, reader, admission, warnings. */

import { apiVersionOf } from '#api/meta/resource.ts';
import { dropEmpty } from '#api/schema/empty-collections.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { checkNamespace } from '../codec/decode/check-identity.ts';
import { readObject } from '../codec/decode/read-object.ts';
import { negotiate } from '../codec/encode/negotiate.ts';
import type { ServerClient } from '../contract/server-client.ts';
import type { HandlerContext, SpecialHandler } from '../contract/special-handler.ts';
import { type Exchange, warn } from '../request/exchange.ts';
import { ExchangeFacts } from '../request/request-facts.ts';
import { unstoredWrite } from '../storage/write/unstored-write.ts';
import { managerOf } from '../verbs/write-params.ts';
import { computedAnswer, typeOfKind } from './computed-answer.ts';

export function specialHandler(
  exchange: Exchange,
  serverClient: ServerClient,
  handler: SpecialHandler,
): Promise<ApiResponse> {
  return handler.handle(handlerContext(exchange, serverClient));
}

export function handlerContext(exchange: Exchange, serverClient: ServerClient): HandlerContext {
  const { parts, request, info, user } = exchange;
  const warning = (text: string) => warn(exchange, text);
  return {
    env: parts.env,
    request,
    remoteAddress: exchange.peer.remoteAddress,
    incomingBody: exchange.incomingBody,
    info,
    user,
    serverClient,
    reader: parts.reader,
    feed: parts.feed,
    readBody: (kind) => {
      const type = typeOfKind(kind);
      const { schema } = parts;
      const object = readObject(exchange, { ...kind, apiVersion: apiVersionOf(kind), type, schema });
      dropEmpty(object, false);
      checkNamespace(object, info.namespace);
      return object;
    },
    write(step, effect) {
      const { group, version, resource, subresource, namespace } = info;
      const served = parts.resources.find(group, version, resource)!;
      const context = {
        user,
        dryRun: step.dryRun,
        subresource,
        checked: true,
        ...(step.isAnswered ? { manager: managerOf(exchange) } : {}),
        request: new ExchangeFacts(exchange),
        warn: warning,
      };
      return unstoredWrite(parts, served, namespace, step, context, effect);
    },
    checkAccept: ({ tables, route }) => void negotiate(request, { protobuf: true, tables }, route),
    answer: (status, object) => computedAnswer(exchange, status, object),
    warn: warning,
  };
}
