/** Hands the request to what answers it: a path of the server itself, a special handler, or plain storage. */

import { badRequest, methodNotAllowed } from '#api/meta/status.ts';
import { ownValue } from '#base/own-value.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import type { ExtensionServers } from '../aggregation/extension-servers.ts';
import { negotiate } from '../codec/encode/negotiate.ts';
import { offerOf } from '../codec/encode/offer.ts';
import type { Authorizer } from '../contract/authorization.ts';
import type { ServerClient } from '../contract/server-client.ts';
import { answerPath } from '../non-resource/answer-path.ts';
import type { NonResourceParts } from '../non-resource/parts.ts';
import { type Connection, type Exchange, warn } from '../request/exchange.ts';
import { type Handler, refuseSwitchedOff, targetOf } from '../storage/read/target.ts';
import { handlerContext, specialHandler } from '../subresources/connect.ts';
import { findSpecial } from '../subresources/find-special.ts';
import { scaleHandler } from '../subresources/scale.ts';
import { createHandler } from '../verbs/create.ts';
import { deleteHandler } from '../verbs/delete.ts';
import { deleteCollectionHandler } from '../verbs/delete-collection.ts';
import { getHandler } from '../verbs/get.ts';
import { listHandler } from '../verbs/list/list.ts';
import { patchHandler } from '../verbs/patch.ts';
import { updateHandler } from '../verbs/update.ts';
import { watchHandler } from '../verbs/watch/watch.ts';
import { watchOverWebSocket } from '../verbs/watch/web-socket.ts';
import { authorizeAlso } from './access/authorization.ts';
import type { Stage } from './stage.ts';

const plain: Readonly<Record<string, Handler>> = {
  get: getHandler,
  list: listHandler,
  watch: watchHandler,
  create: createHandler,
  delete: deleteHandler,
  deletecollection: deleteCollectionHandler,
};

/** Subresources whose object is of another kind than the resource's, by name. */
const views: Readonly<Record<string, Handler>> = { scale: scaleHandler };

export interface DispatchParts {
  /** With which special handlers read and write. */
  readonly serverClient: ServerClient;
  /** Asked again when an update is to create what is not there. */
  readonly authorizers: readonly Authorizer[];
  readonly nonResource: NonResourceParts;
  /** Absent: no other API server is reached through this one. */
  readonly extensions: ExtensionServers | undefined;
}

export function dispatch(parts: DispatchParts): Stage {
  return {
    name: 'dispatch',
    enter(exchange) {
      const { connection } = exchange;
      return connection ? takeOver(parts, exchange, connection) : respond(parts, exchange);
    },
  };
}

function respond(parts: DispatchParts, exchange: Exchange): Promise<ApiResponse> | ApiResponse {
  const { info } = exchange;
  const extension = parts.extensions?.find(info);
  if (extension) return parts.extensions!.handle(exchange, extension);
  if (!info.isResource) return answerPath(parts.nonResource, exchange);
  refuseSwitchedOff(exchange);
  const special = findSpecial(exchange.parts, info);
  if (special) return specialHandler(exchange, parts.serverClient, special);
  const target = targetOf(exchange);
  // Before anything is written: what could not be answered must not have happened.
  const route = info.verb === 'list' ? 'collection' : 'object';
  if (info.verb !== 'watch') negotiate(exchange.request, offerOf(target.served), route);
  const { deprecation } = target.served.strategy;
  if (deprecation) {
    warn(exchange, deprecation);
    exchange.audit?.annotate('k8s.io/deprecated', 'true');
  }
  if (info.verb === 'patch') exchange.audit?.recordPatch(exchange.request.body ?? new Uint8Array());
  const view = ownValue(views, info.subresource);
  if (view) return view(exchange, target);
  const authorizeCreate = () => authorizeAlso(parts.authorizers, exchange, 'create');
  if (info.verb === 'update') return updateHandler(exchange, target, authorizeCreate);
  if (info.verb === 'patch') return patchHandler(exchange, target, authorizeCreate);
  const handler = ownValue(plain, info.verb);
  if (!handler) throw methodNotAllowed();
  return handler(exchange, target);
}

/**
 * The handler answers on the socket itself. The response is not sent: it carries the status, for metrics and
 * audit.
 */
async function takeOver(
  { serverClient, extensions }: DispatchParts,
  exchange: Exchange,
  connection: Connection,
): Promise<ApiResponse> {
  const extension = extensions?.find(exchange.info);
  if (extension) return taken(connection, await extensions!.upgrade(exchange, extension, connection));
  refuseSwitchedOff(exchange);
  const { message, socket, head } = connection;
  const handler = findSpecial(exchange.parts, exchange.info);
  if (!handler && exchange.info.verb === 'watch') {
    // Refused as any other watch is, before the protocol changes.
    const answer = watchHandler(exchange, targetOf(exchange));
    return taken(connection, watchOverWebSocket(answer, message, socket, head));
  }
  if (!handler?.upgrade) throw badRequest('unable to upgrade: this resource cannot be connected to');
  const status = await handler.upgrade(handlerContext(exchange, serverClient), message, socket, head);
  return taken(connection, status);
}

function taken(connection: Connection, status: number): ApiResponse {
  connection.isTakenOver = true;
  return { status, headers: {}, body: new Uint8Array() };
}
