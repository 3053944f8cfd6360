/** How a watch is written: its changes, bookmarks and errors, in JSON lines or in frames of protobuf. */

import type { AnyObject } from '#api/meta/object.ts';
import type { Status } from '#api/meta/status.ts';
import { protobufMediaType } from '#api/protobuf/envelope.ts';
import { type CacheEvent, frameOf, type WatchType } from '../../cache/cache-event.ts';
import { parseBytes } from '../../cache/stored-bytes.ts';
import type { ServedResource } from '../../registry/served-resource.ts';
import type { HandlerParts } from '../../request/exchange.ts';
import type { Format } from './negotiate.ts';
import { partialMetadata } from './partial-metadata.ts';
import { protobufBytes, transcode } from './protobuf-bytes.ts';
import { protobufFrame, protobufObject, storedFrameWriter } from './protobuf-frame.ts';
import { tableOf, tableOptions } from './table.ts';

export interface WatchEncoding {
  /** Equal keys frame alike. */
  readonly key: string;
  readonly contentType: string;
  /** Absent where the plain shared bytes do. */
  frame?(event: CacheEvent, type: WatchType): Uint8Array;
  /** An event of an object in the served version. */
  write(type: string, object: AnyObject): Uint8Array;
  bookmark(revision: number, isInitialEnd: boolean): Uint8Array;
  error(status: Status): Uint8Array;
}

const initialEndAnnotation = 'k8s.io/initial-events-end';

export function watchEncoding(
  parts: HandlerParts,
  served: ServedResource,
  format: Format,
  query: URLSearchParams,
): WatchEncoding {
  const { as, media, metaVersion } = format;
  const isProtobuf = media === 'protobuf';
  const isStored = as === 'object' && !served.conversion;
  const write = isProtobuf ? protobufWriter(served, format) : jsonLine;
  const shape = shaper(parts, served, format, query);
  const convert = served.conversion?.fromStored ?? ((object: AnyObject) => object);
  const shapedFrame: FrameEvent = (event, type) => write(type, shape(convert(parseBytes(event.bytes(type)))));
  return {
    key: JSON.stringify([served.id, as, metaVersion, media, query.get('includeObject') ?? '']),
    contentType: isProtobuf ? `${protobufMediaType};stream=watch` : 'application/json',
    ...(isStored && !isProtobuf ? {} : { frame: isStored ? storedFrames(parts, served) : shapedFrame }),
    write: (type, object) => write(type, shape(object)),
    bookmark: (revision, isInitialEnd) =>
      write('BOOKMARK', { ...bookmarkKind(served, format), metadata: bookmarkMeta(revision, isInitialEnd) }),
    error: (status) => write('ERROR', status),
  };
}

type FrameEvent = NonNullable<WatchEncoding['frame']>;

/** In protobuf, of objects that are served as they are stored. */
function storedFrames({ encodedEntries }: HandlerParts, served: ServedResource): FrameEvent {
  const { schema, apiVersion, def } = served;
  const frame = storedFrameWriter(apiVersion, def.kind);
  return (event, type) => {
    // The last state of an object that is gone has the revision of its deletion.
    const raw =
      type === 'DELETED'
        ? transcode(schema, def.type, event.previous!.value, event.revision)
        : protobufBytes(encodedEntries, served, event.current!);
    return frame(type, raw);
  };
}

type WriteFrame = (type: string, object: object) => Uint8Array;

function jsonLine(type: string, object: object): Uint8Array {
  return frameOf(type, Buffer.from(JSON.stringify(object)));
}

function protobufWriter(served: ServedResource, { as }: Format): WriteFrame {
  return (type, object) =>
    protobufFrame(type, protobufObject(served.schema, served.def.type, as, object as AnyObject));
}

function bookmarkKind(served: ServedResource, { as, metaVersion }: Format) {
  if (as === 'object') return { kind: served.def.kind, apiVersion: served.apiVersion };
  const kind = as === 'Table' ? 'Table' : 'PartialObjectMetadata';
  return { kind, apiVersion: `meta.k8s.io/${metaVersion}` };
}

function bookmarkMeta(revision: number, isInitialEnd: boolean) {
  return {
    resourceVersion: String(revision),
    creationTimestamp: null,
    ...(isInitialEnd ? { annotations: { [initialEndAnnotation]: 'true' } } : {}),
  };
}

function shaper(
  parts: HandlerParts,
  served: ServedResource,
  { as, metaVersion }: Format,
  query: URLSearchParams,
) {
  if (as === 'object') return (object: AnyObject): object => object;
  if (as !== 'Table') return (object: AnyObject): object => partialMetadata(object, metaVersion);
  const options = tableOptions(parts.env, query, metaVersion);
  return (object: AnyObject): object => {
    const resourceVersion = object.metadata?.resourceVersion ?? '';
    return tableOf(served, [object], { resourceVersion }, { ...options, nowMs: parts.env.clock.now() });
  };
}
