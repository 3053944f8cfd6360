/** Hands the request to what answers it: a path of the server itself, a special handler, or plain storage. */

import { methodNotAllowed } from '#api/meta/status.ts';
import { ownValue } from '#base/own-value.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { negotiate } from '../codec/encode/negotiate.ts';
import { offerOf } from '../codec/encode/offer.ts';
import type { RequestInfo, SpecialHandler } from '../contract/contract.ts';
import { answerPath } from '../documents/answer-path.ts';
import { type Core, type Exchange, warn } from '../request/exchange.ts';
import { type Handler, targetOf } from '../storage/read/target.ts';
import { specialHandler } from '../subresources/connect.ts';
import { scaleHandler } from '../subresources/scale.ts';
import { createHandler } from '../verbs/create.ts';
import { deleteHandler } from '../verbs/delete.ts';
import { deleteCollectionHandler } from '../verbs/delete-collection.ts';
import { getHandler } from '../verbs/get.ts';
import { listHandler } from '../verbs/list/list.ts';
import { patchHandler } from '../verbs/patch.ts';
import { updateHandler } from '../verbs/update.ts';
import { watchHandler } from '../verbs/watch/watch.ts';

const plain: Readonly<Record<string, Handler>> = {
  get: getHandler,
  list: listHandler,
  watch: watchHandler,
  create: createHandler,
  update: updateHandler,
  patch: patchHandler,
  delete: deleteHandler,
  deletecollection: deleteCollectionHandler,
};

export function dispatch(exchange: Exchange): Promise<ApiResponse> | ApiResponse {
  const { info, core } = exchange;
  if (!info.isResource) return answerPath(exchange);
  const special = findSpecial(core, info);
  if (special) return specialHandler(exchange, special);
  const target = targetOf(exchange);
  // Before anything is written: what could not be answered must not have happened.
  if (info.verb !== 'watch') negotiate(exchange.request, offerOf(target.served));
  const { deprecation } = target.served.strategy;
  if (deprecation) warn(exchange, deprecation);
  if (info.subresource === 'scale') return scaleHandler(exchange, target);
  const handler = ownValue(plain, info.verb);
  if (!handler) throw methodNotAllowed();
  return handler(exchange, target);
}

export function findSpecial(
  { resources }: Pick<Core, 'resources'>,
  { group, version, resource, subresource, verb }: RequestInfo,
): SpecialHandler | undefined {
  const handlers = resources.find(group, version, resource)?.handlers;
  return handlers?.find((one) => one.subresource === subresource && one.verbs.includes(verb));
}
