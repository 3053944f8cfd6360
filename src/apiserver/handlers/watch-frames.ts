/** The frames of a watch that are no changes: initial objects, bookmarks, errors. */

import type { Status } from '#api/status.ts';
import { CacheEvent } from '../cache/cache-event.ts';
import type { Entry } from '../cache/entry.ts';
import type { WatchFilter } from '../cache/watch-group.ts';

const initialEndAnnotation = 'k8s.io/initial-events-end';
/** Initial events are sent in pieces of about this size. */
const chunkBytes = 256 * 1024;

export function bookmarkFrame(
  of: { readonly kind: string; readonly apiVersion: string },
  revision: number,
  isInitialEnd: boolean,
): Uint8Array {
  const metadata = {
    resourceVersion: String(revision),
    creationTimestamp: null,
    ...(isInitialEnd ? { annotations: { [initialEndAnnotation]: 'true' } } : {}),
  };
  const object = { kind: of.kind, apiVersion: of.apiVersion, metadata };
  return Buffer.from(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
}

export function errorFrame(status: Status): Uint8Array {
  return Buffer.from(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
}

/** Every entry as ADDED, then `last`; made as the receiver takes them. */
export function* initialChunks(
  entries: readonly Entry[],
  filter: WatchFilter,
  last: Uint8Array | undefined,
): Generator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  for (const entry of entries) {
    const event = new CacheEvent(entry.revision, entry, undefined);
    const frame = filter.frame ? filter.frame(event, 'ADDED') : event.frame('ADDED');
    pieces.push(frame);
    size += frame.length;
    if (size < chunkBytes) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    size = 0;
  }
  if (last) pieces.push(last);
  if (pieces.length > 0) yield Buffer.concat(pieces);
}
