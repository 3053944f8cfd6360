/**
 * One resource in memory: its objects in key order, the last changes, and who watches them. Fed by the
 * store's watch, in revision order; never written to from elsewhere.
 */

import type { AnyObject } from '#api/meta/object.ts';
import type { Clock } from '#base/clock.ts';
import { knownIfSame } from '#base/collections/known-if-same.ts';
import type { Log } from '#base/log.ts';
import { asBuffer } from '#base/text/as-buffer.ts';
import { Turns } from '#base/turns.ts';
import type { KeyValue } from '#store/store.ts';
import type { Follower } from '../contract/stored-objects.ts';
import { AnnouncedWrites } from './announced-writes.ts';
import { CacheEvent } from './cache-event.ts';
import { Entry, type Selectable } from './entry.ts';
import { OrderedIndex } from './ordered-index.ts';
import { ResourceCounts } from './resource-counts.ts';
import { parseBytes } from './stored-bytes.ts';
import { WatchGroups } from './watch-groups.ts';

/** How many changes are kept for watchers that come back, and how large; older ones the store still has. */
export const recentMax = 2048;
const recentBytesMax = 8 * 1024 * 1024;

/** Values of the resource's selectable fields beyond metadata.name and metadata.namespace. */
export type FieldsOf = (object: AnyObject) => Readonly<Record<string, string>>;

/** A stored object that does not carry the name and namespace of its key. */
export interface Misnamed {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly revision: number;
  readonly value: Uint8Array;
}

/** Without a value the object is gone. */
interface Change {
  readonly key: string;
  readonly value: Uint8Array | undefined;
  readonly revision: number;
  readonly unreadable: Error | undefined;
}

interface LoadAlone {
  readonly index: OrderedIndex;
  /** Changes that arrived while the resource was being loaded. */
  readonly changes: Change[];
  isOutdated: boolean;
}

const noLabels: Readonly<Record<string, string>> = {};

export class ResourceCache {
  /** As `/registry/pods/`. */
  readonly prefix: string;
  readonly namespaced: boolean;
  index = new OrderedIndex();
  readonly watchers = new WatchGroups();
  readonly counts = new ResourceCounts();
  /** Called with each change, in the moment it is seen. */
  readonly followers = new Set<Follower>();
  /** Where a writer leaves labels and fields of a value that it is about to commit, so that it is not parsed here. */
  readonly announced = new AnnouncedWrites();
  /** Stored values that could not be decrypted, by key: they have no entry. */
  readonly unreadable = new Map<string, Error>();
  /** Revision of the newest change of this resource. */
  lastChange: number;
  #fieldsOf: FieldsOf;
  /** Of the previous object: objects that were created together often have equal labels and fields, and share them. */
  #lastSelectable: Selectable = { labels: noLabels, fields: {} };
  readonly #log: Log;
  #recent: CacheEvent[] = [];
  #recentBytes = 0;
  #recentFrom: number;
  #misnamed: Misnamed[] = [];
  /** What is stored now, while all resources are being loaded. */
  #staged: OrderedIndex | undefined;
  #loading: LoadAlone | undefined;
  /** Of the last load: changes up to it are in what was loaded. */
  #loadedRevision = 0;

  constructor(prefix: string, namespaced: boolean, fieldsOf: FieldsOf, loadedRevision: number, log: Log) {
    this.prefix = prefix;
    this.namespaced = namespaced;
    this.#fieldsOf = fieldsOf;
    this.#log = log;
    this.#recentFrom = loadedRevision;
    this.lastChange = loadedRevision;
  }

  /** The staged objects are all there were at `revision`; earlier changes are only in the history of the store. */
  loadedAt(revision: number): void {
    const staged = this.#staged;
    this.#staged = undefined;
    if (staged) this.#load(staged, revision);
    // Added while the other resources were being loaded: the objects read for it may be older than the changes
    // that follow now.
    else if (this.#loading) this.#loading.isOutdated = true;
  }

  /** The resource is loaded by itself, after the others: its changes are set aside until `loadedAlone`. */
  loadAlone(): LoadAlone {
    this.#loading = { index: new OrderedIndex(), changes: [], isOutdated: false };
    return this.#loading;
  }

  stageAlone({ index }: LoadAlone, { key, value, modRevision, unreadable }: KeyValue): void {
    if (unreadable) this.#setUnreadable(key, unreadable);
    else index.set(this.#loadedEntry({ key, ...this.#place(key), revision: modRevision, value }));
  }

  /** The staged objects are all there were at `revision`. False if they have to be read again. */
  loadedAlone(loading: LoadAlone, revision: number): boolean {
    // A load of all resources was faster.
    if (this.#loading !== loading) return true;
    if (loading.isOutdated) return false;
    this.#load(loading.index, revision);
    for (const { key, value, revision, unreadable } of loading.changes) {
      this.apply(key, value, revision, unreadable);
    }
    return true;
  }

  #load(index: OrderedIndex, revision: number): void {
    this.index = index;
    this.counts.initializations++;
    this.#loading = undefined;
    this.#loadedRevision = revision;
    this.announced.clear();
    this.#forgetRecent(revision);
    this.lastChange = revision;
    this.#notify((follower) => follower.reloaded());
  }

  /** Another number after each change of what is here. */
  get changes(): number {
    return this.counts.initializations + this.counts.eventsDispatched;
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

  selectableOf(object: AnyObject): Selectable {
    const last = this.#lastSelectable;
    const labels = knownIfSame(last.labels, object.metadata?.labels ?? noLabels);
    const fields = knownIfSame(last.fields, this.#fieldsOf(object));
    if (labels !== last.labels || fields !== last.fields) this.#lastSelectable = { labels, fields };
    return this.#lastSelectable;
  }

  /**
   * Other fields are selectable from now on. The objects are read again in turns; until then, and where the
   * change window is concerned, the old fields and the new ones are there.
   */
  async reselect(fieldsOf: FieldsOf, clock: Clock): Promise<void> {
    const before = this.#fieldsOf;
    const both: FieldsOf = (object) => ({ ...before(object), ...fieldsOf(object) });
    this.#fieldsOf = both;
    this.announced.clear();
    const turns = new Turns(clock);
    for (const entry of this.index.list()) {
      if (turns.isSpent) await turns.next();
      const { namespace, name, value } = entry;
      if (this.index.get(namespace, name) !== entry) continue;
      this.index.set(new Entry(entry, value, this.selectableOf(parseBytes(value))));
    }
    this.#fieldsOf = fieldsOf;
    // The kept changes hold entries with the old fields: watchers get them from the history of the store.
    this.#forgetRecent(this.lastChange);
  }

  entryOf(key: string, value: Uint8Array, revision: number): Entry {
    const at = { key, ...this.#place(key), revision };
    const selectable = this.announced.take(key, value) ?? this.selectableOf(parseBytes(value));
    return new Entry(at, value, selectable);
  }

  /** The misnamed objects that the last load found, each returned once. */
  takeMisnamed(): readonly Misnamed[] {
    const found = this.#misnamed;
    this.#misnamed = [];
    return found;
  }

  /** All resources are being loaded from now on. */
  beginStaging(): void {
    this.unreadable.clear();
    this.#staged = new OrderedIndex();
    this.#misnamed = [];
  }

  /** Takes an object that a load found. The entry of an object that has not changed is kept. */
  stage(key: string, value: Uint8Array, revision: number, unreadable?: Error): void {
    if (unreadable) {
      this.#setUnreadable(key, unreadable);
      return;
    }
    const { namespace, name } = this.#place(key);
    const known = this.index.get(namespace, name);
    const isSame = known?.revision === revision && asBuffer(known.value).equals(value);
    this.#staged?.set(isSame ? known : this.#loadedEntry({ key, namespace, name, revision, value }));
  }

  #loadedEntry(loaded: Misnamed): Entry {
    const object = parseBytes(loaded.value);
    const { name, namespace = '' } = object.metadata ?? {};
    if (name !== loaded.name || namespace !== loaded.namespace) this.#misnamed.push(loaded);
    const { value, ...at } = loaded;
    return new Entry(at, value, this.selectableOf(object));
  }

  /** The store's next change. Returns true when a watcher has something to send. */
  apply(key: string, value: Uint8Array | undefined, revision: number, unreadable?: Error): boolean {
    this.counts.eventsReceived++;
    this.#loading?.changes.push({ key, value, revision, unreadable });
    if (this.#loading || revision <= this.#loadedRevision) return false;
    if (unreadable) this.#setUnreadable(key, unreadable);
    else if (this.unreadable.size > 0) this.unreadable.delete(key);
    const place = this.#place(key);
    const previous = this.index.get(place.namespace, place.name);
    const isGone = value === undefined || unreadable !== undefined;
    const current = isGone ? undefined : this.entryOf(key, value, revision);
    if (!current && !previous) return false;
    if (current) this.index.set(current);
    else this.index.delete(place.namespace, place.name);
    this.lastChange = revision;
    const event = new CacheEvent(revision, current, previous);
    this.#remember(event);
    this.counts.eventsDispatched++;
    const isWanted = this.watchers.offer(event);
    this.#notify((follower) => follower.changed(place.namespace, place.name, current));
    return isWanted;
  }

  /** A follower that fails must not keep the change from the others. */
  #notify(call: (follower: Follower) => void): void {
    for (const follower of this.followers) {
      try {
        call(follower);
      } catch (error) {
        this.#log.error('a follower of a resource failed', { resource: this.prefix, error: String(error) });
      }
    }
  }

  #setUnreadable(key: string, error: Error): void {
    this.unreadable.set(key, error);
    this.#log.error('a stored object could not be decrypted', { key, error: error.message });
  }

  #forgetRecent(revision: number): void {
    this.#recent = [];
    this.#recentBytes = 0;
    this.#recentFrom = revision;
  }

  #remember(event: CacheEvent): void {
    this.#recent.push(event);
    this.#recentBytes += event.sizeBytes;
    if (this.#recent.length <= recentMax && this.#recentBytes <= recentBytesMax) return;
    const dropped = this.#recent.splice(0, Math.ceil(this.#recent.length / 2));
    this.#recentFrom = dropped.at(-1)!.revision;
    for (const event of dropped) this.#recentBytes -= event.sizeBytes;
  }

  #place(key: string): { namespace: string; name: string } {
    const rest = key.slice(this.prefix.length);
    const slash = this.namespaced ? rest.indexOf('/') : -1;
    return { namespace: slash < 0 ? '' : rest.slice(0, slash), name: rest.slice(slash + 1) };
  }
}
