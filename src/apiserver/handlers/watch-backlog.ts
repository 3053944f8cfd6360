/** What a watcher gets before the changes of its group: the objects of now, or changes it has missed, piece by piece. */

import { CacheEvent } from '../cache/cache-event.ts';
import type { Entry } from '../cache/entry.ts';
import type { WatchFilter } from '../cache/watch-group.ts';
import { type ItemsForm, joinedStepBytes, parsedStepBytes } from '../collection/form.ts';
import type { Reading } from '../collection/shared-encodings.ts';

export interface Backlog {
  /** The next piece; `later` after some work towards it, undefined at the end. */
  next(): Uint8Array | 'later' | undefined;
  close(): void;
}

/** Every entry as ADDED. */
export function addedForm(filter: WatchFilter, key: string): ItemsForm {
  const frameOf = (entry: Entry) => {
    const event = new CacheEvent(entry.revision, entry, undefined);
    return filter.frame ? filter.frame(event, 'ADDED') : event.frame('ADDED');
  };
  return {
    key: `added|${key}`,
    contentType: '',
    stepBytes: filter.frame ? parsedStepBytes : joinedStepBytes,
    items: (entries) => Buffer.concat(entries.map(frameOf)),
  };
}

/** What is read, then `last`. */
export function initialBacklog({ encoding, close }: Reading, last: Uint8Array | undefined): Backlog {
  let at = 0;
  let rest = last;
  return {
    next() {
      if (at < encoding.count) return encoding.segment(at++);
      if (!encoding.isComplete) {
        encoding.step();
        return 'later';
      }
      const piece = rest;
      rest = undefined;
      return piece;
    },
    close,
  };
}

/** Missed changes, several in one piece. */
export function missedBacklog(frames: readonly Uint8Array[]): Backlog {
  let at = 0;
  return {
    next() {
      const from = at;
      for (let bytes = 0; at < frames.length && bytes < joinedStepBytes; at++) bytes += frames[at]!.length;
      return at > from ? Buffer.concat(frames.slice(from, at)) : undefined;
    },
    close() {},
  };
}
