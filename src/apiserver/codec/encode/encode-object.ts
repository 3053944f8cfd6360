/** One object as the caller wants it: its bytes, or a table row, or only its metadata. */

import type { AnyObject } from '#api/meta/object.ts';
import { notAcceptable } from '#api/meta/status.ts';
import { protobufMediaType, wrapEnvelope } from '#api/protobuf/envelope.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import type { Entry } from '../../cache/entry.ts';
import { metadataOf, parseBytes } from '../../cache/stored-bytes.ts';
import { bytesOf, type ServedResource } from '../../registry/served-resource.ts';
import type { Exchange } from '../../request/exchange.ts';
import { goPackage } from '../decode/check-kind.ts';
import { bytesResponse } from './json-response.ts';
import { mediaResponse } from './media-response.ts';
import { type Format, isPretty, negotiate } from './negotiate.ts';
import { type Offered, offerOf } from './offer.ts';
import { partialMetadata, partialMetadataJson } from './partial-metadata.ts';
import { protobufBytes } from './protobuf-bytes.ts';
import { metadataMessage, protobufResponse } from './protobuf-response.ts';
import { tableOf, tableOptions } from './table.ts';

export function encodeEntry(
  exchange: Exchange,
  served: ServedResource,
  status: number,
  entry: Entry,
): ApiResponse {
  const { as, media } = negotiate(exchange.request, offerOf(served));
  if (media === 'protobuf' && as === 'object' && !served.conversion) {
    const { apiVersion, def } = served;
    const raw = protobufBytes(exchange.parts.encodedEntries, served, entry);
    return enveloped(status, { apiVersion, kind: def.kind }, raw);
  }
  return encodeBytes(exchange, served, status, bytesOf(served, entry));
}

/** What an object is encoded by: a served resource, or what a subresource shows in the place of one. */
export type Encodable = Pick<ServedResource, 'def' | 'schema' | 'printer'> & Offered;

/** `bytes` are those of the served version. */
export function encodeBytes(
  exchange: Exchange,
  served: Encodable,
  status: number,
  bytes: Uint8Array,
): ApiResponse {
  const format = negotiate(exchange.request, offerOf(served));
  const pretty = format.isPretty || isPretty(exchange.request, exchange.info.query);
  if (format.media === 'json' && !pretty) {
    const metadata = format.as === 'PartialObjectMetadata' ? metadataOf(bytes) : undefined;
    if (metadata) return bytesResponse(status, partialMetadataJson(metadata, format.metaVersion));
    if (format.as === 'object') return bytesResponse(status, bytes);
  }
  return encodeObject(exchange, served, status, parseBytes(bytes));
}

export function encodeObject(
  exchange: Exchange,
  served: Encodable,
  status: number,
  object: AnyObject,
): ApiResponse {
  const { type } = served.def;
  const format = negotiate(exchange.request, offerOf(served));
  const pretty = format.isPretty || isPretty(exchange.request, exchange.info.query);
  const value = shaped(exchange, served, object, format);
  if (format.media !== 'protobuf') return mediaResponse(status, value, format, pretty);
  const { schema } = served;
  if (format.as === 'object') return protobufResponse(schema, status, type, object);
  return enveloped(status, value as AnyObject, metadataMessage(schema, object));
}

function enveloped(
  status: number,
  { apiVersion = '', kind = '' }: Pick<AnyObject, 'apiVersion' | 'kind'>,
  raw: Uint8Array,
): ApiResponse {
  const body = wrapEnvelope({ apiVersion, kind, raw });
  return { status, headers: { 'content-type': protobufMediaType }, body };
}

function shaped(exchange: Exchange, served: Encodable, object: AnyObject, format: Format): unknown {
  const { as, metaVersion } = format;
  if (as === 'PartialObjectMetadataList') {
    const what = `${goPackage(served.def.group)}.${served.def.kind}`;
    throw notAcceptable(
      `you requested PartialObjectMetadataList, but the requested object is not a list (*${what})`,
    );
  }
  if (as === 'Table') {
    const revision = object.metadata?.resourceVersion ?? '';
    const options = tableOptions(exchange.parts.env, exchange.info.query, metaVersion);
    return tableOf(served, [object], { resourceVersion: revision }, options);
  }
  return as === 'object' ? object : partialMetadata(object, metaVersion);
}
