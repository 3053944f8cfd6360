/**
 * What a watcher gets before the changes of its group: the objects of now, or changes it has missed, piece by
 * piece.
 */

import type { Observations } from '#base/metrics/histogram.ts';
import { CacheEvent } from '../../cache/cache-event.ts';
import type { Entry } from '../../cache/entry.ts';
import type { WatchFilter } from '../../cache/watch-group.ts';
import { type ItemsForm, joinedStepBytes, parsedStepBytes } from '../../list-encodings/form.ts';
import type { Reading } from '../../list-encodings/shared-encodings.ts';

export interface Backlog {
  /** The next piece; `later` after some work towards it, undefined at the end. */
  next(): Uint8Array | 'later' | undefined;
  close(): void;
}

/** The sizes of the frames in a piece, which many watchers may get. */
const sizesIn = new WeakMap<Uint8Array, Observations>();

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
    items(entries) {
      const frames = entries.map(frameOf);
      const piece = Buffer.concat(frames);
      const sizes = filter.sizes?.empty();
      for (const { length } of frames) sizes?.observe(length);
      if (sizes) sizesIn.set(piece, sizes);
      return piece;
    },
  };
}

/** What is read, then `last`; what a watcher gets of it is observed by `sizes`. */
export function initialBacklog(
  { encoding, close }: Reading,
  last: Uint8Array | undefined,
  sizes?: Observations,
): Backlog {
  let at = 0;
  let rest = last;
  return {
    next() {
      if (at < encoding.count) {
        const piece = encoding.segment(at++);
        const inPiece = sizes && sizesIn.get(piece);
        if (inPiece) sizes.add(inPiece);
        return piece;
      }
      if (!encoding.isComplete) {
        encoding.step();
        return 'later';
      }
      const piece = rest;
      rest = undefined;
      if (piece) sizes?.observe(piece.length);
      return piece;
    },
    close,
  };
}

/** Of missed changes so many at most are framed for one piece. */
const framedMax = 100;

/** Missed changes, several in one piece; `frameOf` gives nothing for what this watcher does not see. */
export function missedBacklog<T>(
  changes: readonly T[],
  frameOf: (change: T) => Uint8Array | undefined,
): Backlog {
  let at = 0;
  return {
    next() {
      if (at === changes.length) return undefined;
      const frames: Uint8Array[] = [];
      const end = Math.min(changes.length, at + framedMax);
      for (let bytes = 0; at < end && bytes < joinedStepBytes; at++) {
        const frame = frameOf(changes[at]!);
        if (frame) frames.push(frame);
        bytes += frame?.length ?? 0;
      }
      return frames.length > 0 ? Buffer.concat(frames) : 'later';
    },
    close() {},
  };
}
