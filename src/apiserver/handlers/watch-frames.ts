/** The objects a watch begins with, as frames. */

import { CacheEvent } from '../cache/cache-event.ts';
import type { Entry } from '../cache/entry.ts';
import type { WatchFilter } from '../cache/watch-group.ts';

/** Initial events are sent in pieces of about this size. */
const chunkBytes = 256 * 1024;

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
