/** GET of one object: its bytes, as fresh as the store unless the caller is content with less. */

import { notFound } from '#api/meta/status.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { encodeEntry } from '../codec/encode/encode-object.ts';
import type { Exchange } from '../request/exchange.ts';
import { revisionParam } from '../storage/read/list-params.ts';
import type { Target } from '../storage/read/target.ts';
import { unreadable } from '../storage/read/unreadable.ts';
import { waitForRevision } from '../storage/read/wait-for-revision.ts';

export function getHandler(exchange: Exchange, target: Target): ApiResponse | Promise<ApiResponse> {
  const asked = revisionParam(exchange.info.query);
  const waiting =
    asked === undefined
      ? exchange.parts.cache.fresh()
      : waitForRevision(exchange.parts, Number(asked), asked);
  return waiting ? waiting.then(() => read(exchange, target)) : read(exchange, target);
}

function read(
  exchange: Exchange,
  { served, storage, namespace, name }: Target,
): ApiResponse | Promise<ApiResponse> {
  const entry = storage.cache.index.get(namespace, name);
  if (!entry) throw unreadable(storage, namespace, name) ?? notFound(served.def, name);
  const converting = served.conversion?.ahead?.([entry.copy()]);
  if (converting) return converting.then(() => encodeEntry(exchange, served, 200, entry));
  return encodeEntry(exchange, served, 200, entry);
}
