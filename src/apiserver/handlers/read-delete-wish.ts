/** How something is to be deleted: DeleteOptions from the body, or, without one, from the query. */

import { unwrapEnvelope } from '#api/protobuf-envelope.ts';
import { badRequest } from '#api/status.ts';
import { isJsonObject, type JsonObject } from '#wire/json-value.ts';
import { mediaType, parseBody, parsing, readable } from '../decode/parse-body.ts';
import { readProtobuf } from '../decode/read-protobuf.ts';
import { dryRunOf } from '../decode/write-params.ts';
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
  const noKind = (why: string) =>
    media === 'json' ? `couldn't get version/kind; json parse error: ${why}` : why;
  const options = readable(
    () =>
      media === 'protobuf'
        ? parsing(() => readProtobuf(exchange.core.schema, optionsType, unwrapEnvelope(body).raw))
        : parseBody(body, media),
    noKind,
  );
  const { dryRun, kind, ...wish } = withoutNulls(options) as DeleteWish & {
    dryRun?: string[];
    kind?: string;
  };
  if (kind && kind !== 'DeleteOptions') throw badRequest(notOptions);
  checkWish(wish);
  return { wish, dryRun: dryRunOf(dryRun ?? [], 'DeleteOptions') };
}

const notOptions = 'decoded object cannot be converted to DeleteOptions';

function withoutNulls(options: unknown): JsonObject {
  if (!isJsonObject(options)) throw badRequest(notOptions);
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
}
