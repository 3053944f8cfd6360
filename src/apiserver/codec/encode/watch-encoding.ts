/** How a watch is written: its changes, bookmarks and errors, in JSON lines or in frames of protobuf. */

import { zeroObject } from '#api/kinds/zero-objects.ts';
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
import { type TableOptions, tableOf, tableOptions } from './table.ts';

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
  /** Of tables: the first bytes that a watcher gets; its later events come without column definitions. */
  first?(bytes: Uint8Array): Uint8Array;
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
  const table =
    as === 'Table' ? tableEvents(parts, served, tableOptions(parts.env, query, metaVersion)) : undefined;
  const shape = table?.shape ?? shaper(format);
  const convert = served.conversion?.fromStored ?? ((object: AnyObject) => object);
  const shapedFrame: FrameEvent = (event, type) => write(type, shape(convert(parseBytes(event.bytes(type)))));
  return {
    key: JSON.stringify([served.id, as, metaVersion, media, query.get('includeObject') ?? '']),
    contentType: isProtobuf ? `${protobufMediaType};stream=watch` : 'application/json',
    ...(isStored && !isProtobuf ? {} : { frame: isStored ? storedFrames(parts, served) : shapedFrame }),
    write: (type, object) => write(type, shape(object)),
    bookmark(revision, isInitialEnd) {
      return write('BOOKMARK', shape(bookmarkObject(served, revision, isInitialEnd)));
    },
    error: (status) => write('ERROR', status),
    ...(table ? { first: table.first } : {}),
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

function bookmarkObject(served: ServedResource, revision: number, isInitialEnd: boolean): AnyObject {
  const annotations = { [initialEndAnnotation]: 'true' };
  const metadata = { resourceVersion: String(revision), ...(isInitialEnd ? { annotations } : {}) };
  return { ...zeroObject(served), metadata };
}

type Shape = (object: AnyObject) => object;

function shaper({ as, metaVersion }: Format): Shape {
  return as === 'object' ? (object) => object : (object) => partialMetadata(object, metaVersion);
}

const noColumns = Buffer.from('"columnDefinitions":null');

/** Events are shared by their watchers, so they have no columns; a watcher's first event is given them. */
function tableEvents(parts: HandlerParts, served: ServedResource, options: TableOptions) {
  return {
    shape(object: AnyObject): object {
      const { resourceVersion = '', annotations } = object.metadata ?? {};
      // The end of the initial events is said in the row's metadata, also to a watcher that wants none.
      const isInitialEnd = annotations?.[initialEndAnnotation] === 'true';
      const include = isInitialEnd && options.include === 'None' ? 'Metadata' : options.include;
      const rowOptions = { ...options, include, nowMs: parts.env.clock.now() };
      return { ...tableOf(served, [object], { resourceVersion }, rowOptions), columnDefinitions: null };
    },
    first(bytes: Uint8Array): Uint8Array {
      // Before the columns of the first event is nothing that a user has written.
      const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(noColumns);
      if (at < 0) return bytes;
      const columns = Buffer.from(`"columnDefinitions":${JSON.stringify(served.printer.columns)}`);
      return Buffer.concat([bytes.subarray(0, at), columns, bytes.subarray(at + noColumns.length)]);
    },
  };
}
