/** One object as the caller wants it: its bytes, or a table row, or only its metadata. */

import type { AnyObject } from '#api/object.ts';
import { hasProtobuf } from '#api/protobuf-plan.ts';
import { notAcceptable } from '#api/status.ts';
import type { ApiResponse } from '#client/transport.ts';
import type { Entry } from '../cache/entry.ts';
import { parseBytes } from '../cache/stored-bytes.ts';
import { goPackage } from '../decode/check-kind.ts';
import type { Exchange } from '../exchange.ts';
import { bytesOf, type ServedResource } from '../resources.ts';
import { bytesResponse } from './json-response.ts';
import { mediaResponse } from './media-response.ts';
import { type Format, isPretty, negotiate } from './negotiate.ts';
import { partialMetadata } from './partial-metadata.ts';
import { protobufResponse } from './protobuf-response.ts';
import { tableOf } from './table.ts';

export function encodeEntry(
  exchange: Exchange,
  served: ServedResource,
  status: number,
  entry: Entry,
): ApiResponse {
  return encodeBytes(exchange, served, status, bytesOf(served, entry));
}

/** `bytes` are those of the served version. */
export function encodeBytes(
  exchange: Exchange,
  served: ServedResource,
  status: number,
  bytes: Uint8Array,
): ApiResponse {
  const { type } = served.def;
  const format = negotiate(exchange.request, hasProtobuf(type));
  const pretty = isPretty(exchange.request, exchange.info.query);
  if (format.as === 'object' && format.media === 'json' && !pretty) return bytesResponse(status, bytes);
  const object = parseBytes(bytes);
  if (format.media === 'protobuf') return protobufResponse(exchange.core.schema, status, type, object);
  return mediaResponse(status, shaped(exchange, served, object, format), format, pretty);
}

function shaped(exchange: Exchange, served: ServedResource, object: AnyObject, { as }: Format): unknown {
  if (as === 'PartialObjectMetadataList') {
    const what = `${goPackage(served.def.group)}.${served.def.kind}`;
    throw notAcceptable(
      `you requested PartialObjectMetadataList, but the requested object is not a list (*${what})`,
    );
  }
  if (as === 'Table') {
    const revision = object.metadata?.resourceVersion ?? '';
    return tableOf(exchange.core, served, [object], { resourceVersion: revision }, exchange.info.query);
  }
  return as === 'object' ? object : partialMetadata(object);
}
