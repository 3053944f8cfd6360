/**
 * One change of one object as the cache saw it; its watch frames are built once and shared by every watcher.
 */

import type { Entry } from './entry.ts';
import { spliceRevision } from './stored-bytes.ts';

export type WatchType = 'ADDED' | 'MODIFIED' | 'DELETED';

const prefixes: Record<WatchType, Buffer> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
};
const suffix = Buffer.from('}\n');

export class CacheEvent {
  readonly revision: number;
  readonly current: Entry | undefined;
  readonly previous: Entry | undefined;
  readonly #frames: Partial<Record<WatchType, Uint8Array>> = {};

  constructor(revision: number, current: Entry | undefined, previous: Entry | undefined) {
    this.revision = revision;
    this.current = current;
    this.previous = previous;
  }

  /** What keeping this event keeps in memory, about. */
  get sizeBytes(): number {
    return (this.current?.value.length ?? 0) + (this.previous?.value.length ?? 0);
  }

  /**
   * What a watcher that sees only what `matches` says sees of this change: an object that leaves the
   * selection is DELETED, one that enters is ADDED. Undefined when it sees nothing.
   */
  typeFor(matches: (entry: Entry) => boolean): WatchType | undefined {
    const is = this.current !== undefined && matches(this.current);
    const was = this.previous !== undefined && matches(this.previous);
    if (is) return was ? 'MODIFIED' : 'ADDED';
    return was ? 'DELETED' : undefined;
  }

  /** The object the event carries: the last known state with the event's revision for DELETED. */
  bytes(type: WatchType): Uint8Array {
    const entry = type === 'DELETED' ? this.previous! : this.current!;
    return spliceRevision(entry.value, this.revision);
  }

  frame(type: WatchType): Uint8Array {
    const known = this.#frames[type];
    if (known) return known;
    const frame = frameOf(type, this.bytes(type));
    this.#frames[type] = frame;
    return frame;
  }
}

/** `{"type":…,"object":…}` and a line feed. */
export function frameOf(type: string, object: Uint8Array): Uint8Array {
  const prefix = prefixes[type as WatchType] ?? Buffer.from(`{"type":"${type}","object":`);
  return Buffer.concat([prefix, object, suffix]);
}
