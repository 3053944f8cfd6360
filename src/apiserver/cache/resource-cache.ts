/**
 * One resource in memory: its objects in key order, the last changes, and who watches them. Fed by the store's watch, in
 * revision order; never written to by anyone else.
 */

import { asBuffer } from '#base/as-buffer.ts';
import { AnnouncedObjects } from './announced-objects.ts';
import { CacheEvent } from './cache-event.ts';
import { Entry, type EntryIndexer } from './entry.ts';
import { OrderedIndex } from './ordered-index.ts';
import { parseBytes } from './stored-bytes.ts';
import { WatchGroups } from './watch-groups.ts';

/** How many changes are kept for watchers that come back, and how large; older ones the store still has. */
const recentMax = 2048;
const recentBytesMax = 8 * 1024 * 1024;

export class ResourceCache {
  /** `/registry/pods/`. */
  readonly prefix: string;
  readonly namespaced: boolean;
  index = new OrderedIndex();
  readonly watchers = new WatchGroups();
  /** Where a writer leaves the parsed object of a value it is about to commit. */
  readonly announced = new AnnouncedObjects();
  /** Revision of the newest change of this resource. */
  lastChange: number;
  readonly #indexer: EntryIndexer;
  #recent: CacheEvent[] = [];
  #recentBytes = 0;
  #recentFrom: number;
  /** What is stored now, while it is being loaded. */
  #staged = new OrderedIndex();

  constructor(prefix: string, namespaced: boolean, indexer: EntryIndexer, loadedRevision: number) {
    this.prefix = prefix;
    this.namespaced = namespaced;
    this.#indexer = indexer;
    this.#recentFrom = loadedRevision;
    this.lastChange = loadedRevision;
  }

  /** What was staged is all there was at `revision`; what had changed before, only the store knows. */
  loadedAt(revision: number): void {
    this.index = this.#staged;
    this.#staged = new OrderedIndex();
    this.announced.clear();
    this.#recent = [];
    this.#recentBytes = 0;
    this.#recentFrom = revision;
    this.lastChange = revision;
  }

  /** Changes after this revision are all in memory. */
  get recentFrom(): number {
    return this.#recentFrom;
  }

  /** The changes after `revision`, oldest first. */
  since(revision: number): CacheEvent[] {
    let low = 0;
    let high = this.#recent.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#recent[middle]!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#recent.slice(low);
  }

  entryOf(key: string, value: Uint8Array, revision: number): Entry {
    const object = this.announced.take(key, value) ?? parseBytes(value);
    if (object.metadata) object.metadata.resourceVersion = String(revision);
    return new Entry({ key, ...this.#place(key), revision }, value, object, this.#indexer);
  }

  unstage(): void {
    this.#staged = new OrderedIndex();
  }

  /** One of the objects that a load found; one that is known stays as it is. */
  stage(key: string, value: Uint8Array, revision: number): void {
    const { namespace, name } = this.#place(key);
    const known = this.index.get(namespace, name);
    const isSame = known?.revision === revision && asBuffer(known.value).equals(value);
    this.#staged.set(isSame ? known : this.entryOf(key, value, revision));
  }

  /** The store's next change. Returns true when a watcher has something to send. */
  apply(key: string, value: Uint8Array | undefined, revision: number): boolean {
    const place = this.#place(key);
    const previous = this.index.get(place.namespace, place.name);
    const current = value === undefined ? undefined : this.entryOf(key, value, revision);
    if (!current && !previous) return false;
    if (current) this.index.set(current);
    else this.index.delete(place.namespace, place.name);
    this.lastChange = revision;
    const event = new CacheEvent(revision, current, previous);
    this.#remember(event);
    return this.watchers.offer(event);
  }

  #remember(event: CacheEvent): void {
    this.#recent.push(event);
    this.#recentBytes += event.sizeBytes;
    if (this.#recent.length <= recentMax && this.#recentBytes <= recentBytesMax) return;
    const dropped = this.#recent.splice(0, Math.ceil(this.#recent.length / 2));
    this.#recentFrom = dropped.at(-1)!.revision;
    for (const one of dropped) this.#recentBytes -= one.sizeBytes;
  }

  #place(key: string): { namespace: string; name: string } {
    const rest = key.slice(this.prefix.length);
    const slash = this.namespaced ? rest.indexOf('/') : -1;
    return { namespace: slash < 0 ? '' : rest.slice(0, slash), name: rest.slice(slash + 1) };
  }
}
