/**
 * All watchers that ask one resource the same question in the same format. The group filters and frames each
 * change once; its members only copy the shared bytes. A member that falls more than `framesMax` behind is
 * closed.
 */

import type { Observations } from '#base/metrics/histogram.ts';
import type { CacheEvent, WatchType } from './cache-event.ts';
import type { Entry } from './entry.ts';

const framesMax = 10_000;
const frameBytesMax = 64 * 1024 * 1024;
/**
 * A member that is far behind gets no more than about this at once, so that a slow receiver does not hold a
 * copy of it all.
 */
const takeBytesMax = 128 * 1024;

export interface WatchFilter {
  /** Equal keys ask the same question. */
  readonly key: string;
  matches(entry: Entry): boolean;
  /** The one value a field must have for anything to match: lets the cache skip this group. */
  readonly trigger?: { readonly field: string; readonly value: string };
  /** Turns a change into bytes; default the shared frame. */
  frame?(event: CacheEvent, type: WatchType): Uint8Array;
  /** Observes the bytes of each event that a watcher gets. */
  readonly sizes?: Observations;
}

export interface GroupMember {
  /** Position of the next frame to send, counted since the group began. */
  cursor: number;
  /** There may be something new. */
  pump(): void;
}

interface Joined {
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
  readonly sizes: Observations | undefined;
}

export class WatchGroup {
  readonly filter: WatchFilter;
  readonly members = new Set<GroupMember>();
  #frames: Uint8Array[] = [];
  #first = 0;
  #bytes = 0;
  /** A change could not be framed. */
  isBroken = false;
  /** The last joined run of frames: members with the same cursor share it. */
  #joined: Joined | undefined;

  constructor(filter: WatchFilter) {
    this.filter = filter;
  }

  /** Where a member that wants only what comes next begins. */
  get end(): number {
    return this.#first + this.#frames.length;
  }

  /** True when the change concerns the group's members. */
  offer(event: CacheEvent): boolean {
    const type = event.typeFor(this.filter.matches);
    if (!type) return false;
    try {
      const frame = this.filter.frame ? this.filter.frame(event, type) : event.frame(type);
      this.#frames.push(frame);
      this.#bytes += frame.length;
    } catch {
      // A watcher may not miss a change: those of this group end, and list again.
      this.isBroken = true;
    }
    const isTooMuch = this.#frames.length > framesMax || this.#bytes > frameBytesMax;
    if (isTooMuch) this.#drop(Math.ceil(this.#frames.length / 2));
    return true;
  }

  /** The next bytes from `member.cursor` on, and moves it behind them; 'lost' when it came too late. */
  take(member: GroupMember): Uint8Array | undefined | 'lost' {
    const from = member.cursor;
    if (this.hasLost(member)) return 'lost';
    if (from === this.end) return undefined;
    const to = this.#reach(from);
    member.cursor = to;
    if (this.#joined?.from === from && this.#joined.to === to) {
      return this.#counted(this.#joined);
    }
    const frames = this.#frames.slice(from - this.#first, to - this.#first);
    const bytes = frames.length === 1 ? frames[0]! : Buffer.concat(frames);
    const sizes = this.filter.sizes?.empty();
    for (const { length } of frames) sizes?.observe(length);
    this.#joined = { from, to, bytes, sizes };
    return this.#counted(this.#joined);
  }

  #counted({ bytes, sizes }: Joined): Uint8Array {
    if (sizes) this.filter.sizes?.add(sizes);
    return bytes;
  }

  /** How far one piece goes. */
  #reach(from: number): number {
    let at = from - this.#first;
    for (let bytes = 0; at < this.#frames.length && bytes < takeBytesMax; at++) {
      bytes += this.#frames[at]!.length;
    }
    return this.#first + at;
  }

  /** Serves the members that there is something for, and forgets what all have. */
  pump(): void {
    let least = this.end;
    for (const member of this.members) {
      if (this.isBroken || member.cursor !== this.end) member.pump();
      if (member.cursor < least) least = member.cursor;
    }
    if (least > this.#first) this.#drop(least - this.#first);
  }

  /** True when frames that `member` has not had are gone. */
  hasLost(member: GroupMember): boolean {
    return this.isBroken || member.cursor < this.#first;
  }

  #drop(count: number): void {
    for (const frame of this.#frames.splice(0, count)) this.#bytes -= frame.length;
    this.#first += count;
    this.#joined = undefined;
  }
}
