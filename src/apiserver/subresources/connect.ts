/** Gives a special handler what it needs: registry, reader, admission, warnings. */

import type { AnyObject } from '#api/meta/object.ts';
import { apiVersionOf } from '#api/meta/resource.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { parseBytes } from '../cache/stored-bytes.ts';
import { checkNamespace } from '../codec/decode/check-identity.ts';
import { readObject } from '../codec/decode/read-object.ts';
import { mediaResponse } from '../codec/encode/media-response.ts';
import { isPretty, negotiate } from '../codec/encode/negotiate.ts';
import { offerOf } from '../codec/encode/offer.ts';
import { tableOf, tableWish } from '../codec/encode/table.ts';
import type { HandlerContext, SpecialHandler } from '../contract/contract.ts';
import { type Exchange, warn } from '../request/exchange.ts';
import { runMutating, runValidating } from '../storage/write/chain/admit.ts';

export async function specialHandler(exchange: Exchange, handler: SpecialHandler): Promise<ApiResponse> {
  const response = await handler.handle(handlerContext(exchange));
  const { verb, subresource } = exchange.info;
  const isRead = (verb === 'get' || verb === 'list') && subresource === '' && response.status === 200;
  return isRead ? asTable(exchange, response) : response;
}

/** A computed object or list as rows, for those who want rows. */
function asTable(exchange: Exchange, response: ApiResponse): ApiResponse {
  const { core, info, request } = exchange;
  const served = core.resources.find(info.group, info.version, info.resource);
  if (!served || !(response.body instanceof Uint8Array)) return response;
  const format = negotiate(request, offerOf(served));
  if (format.as !== 'Table') return response;
  const answer = parseBytes(response.body) as AnyObject & { items?: AnyObject[] };
  const metadata = { resourceVersion: answer.metadata?.resourceVersion ?? '' };
  const wish = tableWish(core, info.query, format.metaVersion);
  const table = tableOf(served, answer.items ?? [answer], metadata, wish);
  return mediaResponse(200, table, format, format.isPretty || isPretty(request, info.query));
}

export function handlerContext(exchange: Exchange): HandlerContext {
  const { core, request, info, user } = exchange;
  const warning = (text: string) => warn(exchange, text);
  return {
    env: core.env,
    request,
    remoteAddress: exchange.peer.remoteAddress,
    incomingBody: exchange.incomingBody,
    info,
    user,
    registry: core.registry,
    reader: core.reader,
    readBody: (kind) => {
      const family = kind.group === '' ? 'core' : kind.group.split('.')[0];
      const type = `io.k8s.api.${family}.${kind.version}.${kind.kind}`;
      const object = readObject(exchange, {
        ...kind,
        apiVersion: apiVersionOf(kind),
        type,
        schema: core.schema,
      });
      checkNamespace(object, info.namespace);
      return object;
    },
    async admit(partial) {
      const attributes = { ...partial, user, warn: warning };
      await runMutating(core.admission, attributes);
      await runValidating(core.admission, attributes);
    },
    warn: warning,
  };
}
