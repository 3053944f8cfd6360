/** How a watch frames its events when the plain shared bytes will not do: tables, metadata, another version. */

import type { AnyObject } from '#api/object.ts';
import { type CacheEvent, frameOf, type WatchType } from '../cache/cache-event.ts';
import { parseBytes } from '../cache/stored-bytes.ts';
import type { Core } from '../exchange.ts';
import type { ServedResource } from '../resources.ts';
import type { Format } from './negotiate.ts';
import { partialMetadata } from './partial-metadata.ts';
import { tableOf } from './table.ts';

export interface Framing {
  /** Equal keys frame alike. */
  readonly key: string;
  readonly bookmarkAs: { readonly kind: string; readonly apiVersion: string };
  frame(event: CacheEvent, type: WatchType): Uint8Array;
}

const metaVersion = 'meta.k8s.io/v1';

export function watchFrame(
  core: Core,
  served: ServedResource,
  format: Format,
  query: URLSearchParams,
): Framing | undefined {
  if (format.as === 'object' && !served.conversion) return undefined;
  const convert = served.conversion?.fromStored ?? ((object: AnyObject) => object);
  const shape = shaper(core, served, format, query);
  return {
    key: `${served.apiVersion}|${format.as}|${query.get('includeObject') ?? ''}`,
    bookmarkAs:
      format.as === 'object'
        ? { kind: served.def.kind, apiVersion: served.apiVersion }
        : { kind: format.as === 'Table' ? 'Table' : 'PartialObjectMetadata', apiVersion: metaVersion },
    frame: (event, type) =>
      frameOf(type, Buffer.from(JSON.stringify(shape(convert(parseBytes(event.bytes(type))))))),
  };
}

function shaper(core: Core, served: ServedResource, { as }: Format, query: URLSearchParams) {
  return (object: AnyObject): unknown => {
    if (as === 'object') return object;
    if (as !== 'Table') return partialMetadata(object);
    const resourceVersion = object.metadata?.resourceVersion ?? '';
    return tableOf(core, served, [object], { resourceVersion }, query);
  };
}
