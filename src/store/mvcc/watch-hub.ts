/**
 * Hands each change to the watchers whose range holds it: once, in order, one call per watcher and batch.
 *
 * Watchers of one range share one list of events. Ranges are found by the key's own prefixes (`/registry/`,
 * `/registry/pods/`, …), so the cost of an event does not grow with the number of watched ranges; the few
 * ranges that are no prefix and no single key are compared one by one.
 */

import { type KeyRange, prefixRange, type WatchEvent, type WatchHandler } from '../store.ts';
import { sortKey } from './key-order.ts';

export interface Watcher {
  readonly range: KeyRange;
  readonly handler: WatchHandler;
  /** The next revision this watcher has to see. */
  nextRevision: number;
}

interface Group {
  readonly range: KeyRange;
  readonly watchers: Set<Watcher>;
  pending: WatchEvent[];
}

export class WatchHub {
  /** By start: the prefix, or the single key. */
  readonly #byStart = new Map<string, Group>();
  readonly #odd = new Map<string, Group>();
  readonly #touched = new Set<Group>();
  readonly #onHandlerError: (watcher: Watcher, error: unknown) => void;

  constructor(onHandlerError: (watcher: Watcher, error: unknown) => void) {
    this.#onHandlerError = onHandlerError;
  }

  join(watcher: Watcher): void {
    const [groups, id] = this.#place(watcher.range);
    const group = groups.get(id) ?? { range: watcher.range, watchers: new Set(), pending: [] };
    group.watchers.add(watcher);
    groups.set(id, group);
  }

  leave(watcher: Watcher): void {
    const [groups, id] = this.#place(watcher.range);
    const group = groups.get(id);
    if (group?.watchers.delete(watcher) && group.watchers.size === 0) groups.delete(id);
  }

  /** Adds an event to the batch that `flush` delivers. */
  publish(event: WatchEvent): void {
    const { key } = event;
    for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
      const group = this.#byStart.get(key.slice(0, slash + 1));
      if (group) this.#add(group, event);
    }
    const single = key.endsWith('/') ? undefined : this.#byStart.get(key);
    if (single) this.#add(single, event);
    for (const group of this.#odd.values()) if (contains(group.range, key)) this.#add(group, event);
  }

  /** Delivers the batch; all of it lies at or below `revision`. */
  flush(revision: number): void {
    const groups = [...this.#touched];
    this.#touched.clear();
    for (const group of groups) {
      const events = group.pending;
      group.pending = [];
      for (const watcher of [...group.watchers]) {
        if (group.watchers.has(watcher)) this.deliver(watcher, events, revision);
      }
    }
  }

  deliver(watcher: Watcher, events: readonly WatchEvent[], revision: number): void {
    const news =
      events.length > 0 && events[0]!.revision < watcher.nextRevision
        ? events.filter((event) => event.revision >= watcher.nextRevision)
        : events;
    if (news.length === 0) return;
    watcher.nextRevision = revision + 1;
    try {
      watcher.handler.onEvents(news, revision);
    } catch (error) {
      this.#onHandlerError(watcher, error);
    }
  }

  #add(group: Group, event: WatchEvent): void {
    group.pending.push(event);
    this.#touched.add(group);
  }

  #place(range: KeyRange): [Map<string, Group>, string] {
    const isPrefix = range.start.endsWith('/') && prefixRange(range.start).end === range.end;
    const isKey = !range.start.endsWith('/') && range.end === `${range.start}\0`;
    return isPrefix || isKey ? [this.#byStart, range.start] : [this.#odd, `${range.start}\0\0${range.end}`];
  }
}

function contains(range: KeyRange, key: string): boolean {
  const sort = sortKey(key);
  return sort >= sortKey(range.start) && sort < sortKey(range.end);
}
