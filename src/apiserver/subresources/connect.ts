/** Gives a special handler what it needs: the server's own client, reader, admission, warnings. */

import type { AnyObject } from '#api/meta/object.ts';
import { apiVersionOf } from '#api/meta/resource.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { parseBytes } from '../cache/stored-bytes.ts';
import { checkNamespace } from '../codec/decode/check-identity.ts';
import { readObject } from '../codec/decode/read-object.ts';
import { mediaResponse } from '../codec/encode/media-response.ts';
import { isPretty, negotiate } from '../codec/encode/negotiate.ts';
import { offerOf } from '../codec/encode/offer.ts';
import { tableOf, tableOptions } from '../codec/encode/table.ts';
import type { ServerClient } from '../contract/server-client.ts';
import type { HandlerContext, SpecialHandler } from '../contract/special-handler.ts';
import { type Exchange, warn } from '../request/exchange.ts';
import { ExchangeFacts } from '../request/request-facts.ts';
import { unstoredWrite } from '../storage/write/unstored-write.ts';

export async function specialHandler(
  exchange: Exchange,
  serverClient: ServerClient,
  handler: SpecialHandler,
): Promise<ApiResponse> {
  const response = await handler.handle(handlerContext(exchange, serverClient));
  const { verb, subresource } = exchange.info;
  const isRead = (verb === 'get' || verb === 'list') && subresource === '' && response.status === 200;
  return isRead ? asTable(exchange, response) : response;
}

/** A computed object or list as rows, for those who want rows. */
function asTable(exchange: Exchange, response: ApiResponse): ApiResponse {
  const { parts, info, request } = exchange;
  const served = parts.resources.find(info.group, info.version, info.resource);
  if (!served || !(response.body instanceof Uint8Array)) return response;
  const format = negotiate(request, offerOf(served));
  if (format.as !== 'Table') return response;
  const answer = parseBytes(response.body) as AnyObject & { items?: AnyObject[] };
  const metadata = { resourceVersion: answer.metadata?.resourceVersion ?? '' };
  const options = tableOptions(parts.env, info.query, format.metaVersion);
  const table = tableOf(served, answer.items ?? [answer], metadata, options);
  return mediaResponse(200, table, format, format.isPretty || isPretty(request, info.query));
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
    readBody: (kind) => {
      const family = kind.group === '' ? 'core' : kind.group.split('.')[0];
      const type = `io.k8s.api.${family}.${kind.version}.${kind.kind}`;
      const object = readObject(exchange, {
        ...kind,
        apiVersion: apiVersionOf(kind),
        type,
        schema: parts.schema,
      });
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
        request: new ExchangeFacts(exchange),
        warn: warning,
      };
      return unstoredWrite(parts, served, namespace, step, context, effect);
    },
    warn: warning,
  };
}
