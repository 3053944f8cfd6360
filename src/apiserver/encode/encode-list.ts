/** A page of objects as the caller wants it; as plain JSON it is joined from the stored bytes without parsing. */

import type { ListMeta } from '#api/object.ts';
import { notAcceptable } from '#api/status.ts';
import type { ApiResponse } from '#client/transport.ts';
import type { Entry } from '../cache/entry.ts';
import { splicedLengthMax, spliceItem } from '../cache/stored-bytes.ts';
import { goPackage } from '../decode/check-kind.ts';
import type { Exchange } from '../exchange.ts';
import type { Page } from '../handlers/read-page.ts';
import { objectOf, type ServedResource } from '../resources.ts';
import { bytesResponse } from './json-response.ts';
import { mediaResponse } from './media-response.ts';
import { isPretty, negotiate } from './negotiate.ts';
import { offerOf } from './offer.ts';
import { partialMetadata } from './partial-metadata.ts';
import { protobufResponse } from './protobuf-response.ts';
import { tableOf, tableWish } from './table.ts';

const chunkBytes = 256 * 1024;
const comma = 0x2c;

export function encodeList(exchange: Exchange, served: ServedResource, page: Page): ApiResponse {
  const { type } = served.def;
  const format = negotiate(exchange.request, offerOf(served));
  const metadata = listMeta(page);
  const { query } = exchange.info;
  const pretty = isPretty(exchange.request, query);
  if (format.as === 'object') {
    const isPlain = format.media === 'json' && !pretty && !served.conversion;
    if (isPlain) return bytesResponse(200, joinList(served, page.entries, metadata));
    const items = page.entries.map((entry) => objectOf(served, entry));
    const list = { ...listHead(served), metadata, items };
    if (format.media === 'protobuf') return protobufResponse(exchange.core.schema, 200, `${type}List`, list);
    return mediaResponse(200, list, format, pretty);
  }
  if (format.as === 'Table') {
    const objects = page.entries.map((entry) =>
      served.conversion ? objectOf(served, entry) : entry.object(),
    );
    const wish = tableWish(exchange.core, query, format.metaVersion);
    return mediaResponse(200, tableOf(served, objects, metadata, wish), format, pretty);
  }
  if (format.as === 'PartialObjectMetadata') {
    const what = `${goPackage(served.def.group)}.${served.def.kind}List`;
    throw notAcceptable(`you requested PartialObjectMetadata, but the requested object is a list (*${what})`);
  }
  const items = page.entries.map((entry) => partialMetadata(entry.object(), format.metaVersion));
  const head = { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${format.metaVersion}` };
  return mediaResponse(200, { ...head, metadata, items }, format, pretty);
}

function listMeta(page: Page): ListMeta {
  return {
    resourceVersion: String(page.revision),
    ...(page.continueToken ? { continue: page.continueToken } : {}),
    ...(page.remaining ? { remainingItemCount: page.remaining } : {}),
  };
}

function listHead(served: ServedResource): { kind: string; apiVersion: string } {
  return { kind: `${served.def.kind}List`, apiVersion: served.apiVersion };
}

function joinList(served: ServedResource, entries: readonly Entry[], metadata: ListMeta): Uint8Array[] {
  const head = JSON.stringify({ ...listHead(served), metadata });
  const chunks: Uint8Array[] = [Buffer.from(`${head.slice(0, -1)},"items":[`)];
  let chunk = Buffer.allocUnsafe(0);
  let end = 0;
  entries.forEach((entry, i) => {
    const room = splicedLengthMax(entry.value) + 1;
    if (end + room > chunk.length) {
      if (end > 0) chunks.push(chunk.subarray(0, end));
      chunk = Buffer.allocUnsafe(Math.max(room, Math.min(chunkBytes, room * (entries.length - i))));
      end = 0;
    }
    if (i > 0) chunk[end++] = comma;
    end = spliceItem(chunk, end, entry.value, entry.revision);
  });
  if (end > 0) chunks.push(chunk.subarray(0, end));
  chunks.push(Buffer.from(']}\n'));
  return chunks;
}
