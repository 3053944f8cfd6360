/**
 * One resource in memory: its objects in key order, the last changes, and the groups of watchers. Fed by the
 * store's watch, in revision order; never written to by anyone else.
 */

import type { AnyObject } from '#api/object.ts';
import { asBuffer } from '#base/as-buffer.ts';
import { CacheEvent } from './cache-event.ts';
import { Entry, type EntryIndexer } from './entry.ts';
import { OrderedIndex } from './ordered-index.ts';
import { parseBytes } from './stored-bytes.ts';
import { type WatchFilter, WatchGroup } from './watch-group.ts';

/** How many changes are kept for watchers that come back, and how large; older ones the store still has. */
const recentMax = 2048;
const recentBytesMax = 8 * 1024 * 1024;

export class ResourceCache {
  /** `/registry/pods/`. */
  readonly prefix: string;
  readonly namespaced: boolean;
  index = new OrderedIndex();
  readonly groups = new Map<string, WatchGroup>();
  /** Revision of the newest change of this resource. */
  lastChange: number;
  readonly #indexer: EntryIndexer;
  /** Groups by `field=value`, so that a change of one pod is not offered to every node's watch. */
  readonly #triggered = new Map<string, Set<WatchGroup>>();
  readonly #triggerFields = new Map<string, number>();
  readonly #untriggered = new Set<WatchGroup>();
  readonly #withNews = new Set<WatchGroup>();
  /** Parsed objects whose write is under way, so that the cache need not parse them again. */
  readonly #announced = new Map<string, { bytes: Uint8Array; object: AnyObject }[]>();
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
    this.#announced.clear();
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
    const object = this.#takeAnnounced(key, value) ?? parseBytes(value);
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
    return this.#offer(event);
  }

  /** The writer hands over the parsed object of a value it is about to commit. Returns how to take it back. */
  announce(key: string, bytes: Uint8Array, object: AnyObject): () => void {
    const announced = { bytes, object };
    const known = this.#announced.get(key);
    if (known) known.push(announced);
    else this.#announced.set(key, [announced]);
    return () => this.#forget(key, announced);
  }

  join(filter: WatchFilter): WatchGroup {
    const known = this.groups.get(filter.key);
    if (known && !known.isBroken) return known;
    if (known) {
      // Its members find out that it is broken, and end.
      for (const member of known.members) member.pump();
      this.#remove(known);
    }
    const group = new WatchGroup(filter);
    this.groups.set(filter.key, group);
    if (!filter.trigger) this.#untriggered.add(group);
    else {
      const { field, value } = filter.trigger;
      const key = `${field}=${value}`;
      this.#triggerFields.set(field, (this.#triggerFields.get(field) ?? 0) + 1);
      this.#triggered.set(key, (this.#triggered.get(key) ?? new Set()).add(group));
    }
    return group;
  }

  /** Every watcher is told that it has lost something. */
  endWatches(): void {
    for (const group of [...this.groups.values()]) {
      group.isBroken = true;
      for (const member of [...group.members]) member.pump();
    }
  }

  /** Removes the group when its last member has left. */
  leave(group: WatchGroup): void {
    if (group.members.size === 0 && this.groups.get(group.filter.key) === group) this.#remove(group);
  }

  #remove(group: WatchGroup): void {
    if (!this.groups.delete(group.filter.key)) return;
    this.#untriggered.delete(group);
    if (!group.filter.trigger) return;
    const { field, value } = group.filter.trigger;
    const left = this.#triggerFields.get(field)! - 1;
    if (left > 0) this.#triggerFields.set(field, left);
    else this.#triggerFields.delete(field);
    const same = this.#triggered.get(`${field}=${value}`);
    same?.delete(group);
    if (same?.size === 0) this.#triggered.delete(`${field}=${value}`);
  }

  #offer(event: CacheEvent): boolean {
    let wanted = false;
    for (const group of this.#untriggered) if (this.#offerGroup(group, event)) wanted = true;
    for (const field of this.#triggerFields.keys()) {
      const now = event.current?.field(field);
      const before = event.previous?.field(field);
      if (now !== undefined && this.#offerTo(`${field}=${now}`, event)) wanted = true;
      if (before !== undefined && before !== now && this.#offerTo(`${field}=${before}`, event)) wanted = true;
    }
    return wanted;
  }

  #offerTo(trigger: string, event: CacheEvent): boolean {
    let wanted = false;
    for (const group of this.#triggered.get(trigger) ?? []) if (this.#offerGroup(group, event)) wanted = true;
    return wanted;
  }

  #offerGroup(group: WatchGroup, event: CacheEvent): boolean {
    if (!group.offer(event)) return false;
    this.#withNews.add(group);
    return true;
  }

  /** Serves the members of every group that has something new. */
  pump(): void {
    const groups = [...this.#withNews];
    this.#withNews.clear();
    for (const group of groups) {
      for (const member of group.members) if (group.concerns(member)) member.pump();
      group.trim();
    }
  }

  #remember(event: CacheEvent): void {
    this.#recent.push(event);
    this.#recentBytes += event.sizeBytes;
    if (this.#recent.length <= recentMax && this.#recentBytes <= recentBytesMax) return;
    const dropped = this.#recent.splice(0, Math.ceil(this.#recent.length / 2));
    this.#recentFrom = dropped.at(-1)!.revision;
    for (const one of dropped) this.#recentBytes -= one.sizeBytes;
  }

  #takeAnnounced(key: string, value: Uint8Array): AnyObject | undefined {
    const found = this.#announced
      .get(key)
      ?.find((one) => one.bytes === value || asBuffer(one.bytes).equals(value));
    if (!found) return undefined;
    this.#forget(key, found);
    return found.object;
  }

  #forget(key: string, announced: { bytes: Uint8Array; object: AnyObject }): void {
    const left = this.#announced.get(key)?.filter((one) => one !== announced);
    if (left && left.length > 0) this.#announced.set(key, left);
    else this.#announced.delete(key);
  }

  #place(key: string): { namespace: string; name: string } {
    const rest = key.slice(this.prefix.length);
    const slash = this.namespaced ? rest.indexOf('/') : -1;
    return { namespace: slash < 0 ? '' : rest.slice(0, slash), name: rest.slice(slash + 1) };
  }
}
