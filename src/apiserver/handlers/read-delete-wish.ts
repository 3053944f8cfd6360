/** How something is to be deleted: DeleteOptions from the body, or, without one, from the query. */

import { unwrapEnvelope } from '#api/protobuf-envelope.ts';
import { badRequest } from '#api/status.ts';
import { mediaType, parseBody, parsing } from '../decode/read-object.ts';
import { readProtobuf } from '../decode/read-protobuf.ts';
import { dryRunParam } from '../decode/write-params.ts';
import type { Exchange } from '../exchange.ts';
import { checkWish, type DeleteWish, wishFromQuery } from '../objects/delete-options.ts';

const optionsType = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';

export function readDeleteWish(exchange: Exchange): { wish: DeleteWish; dryRun: boolean } {
  const { body, headers } = exchange.request;
  if (!body || body.length === 0) {
    const wish = wishFromQuery(exchange.info.query);
    checkWish(wish);
    return { wish, dryRun: false };
  }
  const media = mediaType(headers['content-type']);
  const options =
    media === 'protobuf'
      ? parsing(() => readProtobuf(exchange.core.schema, optionsType, unwrapEnvelope(body).raw))
      : parseBody(body, media);
  if (typeof options !== 'object' || options === null)
    throw badRequest('the body must be a DeleteOptions object');
  const { dryRun, ...wish } = withoutNulls(options as Record<string, unknown>) as DeleteWish & {
    dryRun?: string[];
  };
  checkWish(wish);
  return { wish, dryRun: dryRunParam(dryRun ?? [], 'DeleteOptions') };
}

function withoutNulls(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}
