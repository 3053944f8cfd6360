/** How something is to be deleted: DeleteOptions from the body, or, without one, from the query. */

import { badRequest } from '#api/meta/status.ts';
import { unwrapEnvelope } from '#api/protobuf/envelope.ts';
import { decodeInto } from '#api/schema/decode.ts';
import { DecodeError } from '#api/schema/decode-error.ts';
import { dropEmpty } from '#api/schema/empty-collections.ts';
import type { OddText } from '#wire/json/odd-numbers.ts';
import { isJsonObject } from '#wire/json/value.ts';
import { oddNumbersOf, parseBody, parsing, readable } from '../codec/decode/parse-body.ts';
import { readProtobuf } from '../codec/decode/read-protobuf.ts';
import type { Exchange } from '../request/exchange.ts';
import { mediaType } from '../request/media-type.ts';
import {
  checkDeletionRequest,
  type DeletionRequest,
  deletionRequestFromQuery,
} from '../storage/write/delete-options.ts';
import { dryRunOf } from './write-params.ts';

const optionsType = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';

export function readDeletionRequest(exchange: Exchange): { deletion: DeletionRequest; dryRun: boolean } {
  const { body, headers } = exchange.request;
  if (!body || body.length === 0) {
    const deletion = deletionRequestFromQuery(exchange.info.query);
    checkDeletionRequest(deletion);
    return { deletion, dryRun: false };
  }
  const media = mediaType(headers['content-type']);
  const noKind = (why: string) =>
    media === 'json' ? `couldn't get version/kind; json parse error: ${why}` : why;
  const options = readable(
    () =>
      media === 'protobuf'
        ? parsing(() => readProtobuf(exchange.parts.schema, optionsType, unwrapEnvelope(body).raw))
        : parseBody(exchange, media).value,
    noKind,
  );
  const { dryRun, ...deletion } = decoded(exchange, options, oddNumbersOf(body, media));
  exchange.audit?.recordRequestObject({
    kind: 'DeleteOptions',
    apiVersion: 'meta.k8s.io/v1',
    ...deletion,
    dryRun,
  });
  checkDeletionRequest(deletion);
  return { deletion, dryRun: dryRunOf(dryRun ?? [], 'DeleteOptions') };
}

const notOptions = 'decoded object cannot be converted to DeleteOptions';

/** Unknown fields are ignored, whatever fieldValidation says, as upstream does here. */
function decoded(
  { parts }: Exchange,
  options: unknown,
  oddText: OddText | undefined,
): DeletionRequest & { dryRun?: string[] } {
  if (!isJsonObject(options)) throw badRequest(notOptions);
  const { kind, apiVersion, ...deletion } = options;
  if (kind && kind !== 'DeleteOptions') throw badRequest(notOptions);
  try {
    decodeInto(parts.schema, optionsType, deletion, { oddText });
    dropEmpty(deletion, false);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const version = String(apiVersion || 'v1').replace(/^.*\//, '');
    throw badRequest(
      `DeleteOptions in version "${version}" cannot be handled as a DeleteOptions: ${error.message}`,
    );
  }
  return deletion;
}
