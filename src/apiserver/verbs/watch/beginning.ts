/**
 * Where a watch begins: at the objects of now (no revision, 0, or sendInitialEvents), in the cache's window
 * of changes, for an older revision in the store's history, or later, for one that is still to come. From
 * there on it is the group's: nothing is left out and nothing comes twice.
 */

import { expired, type StatusError } from '#api/meta/status.ts';
import type { Observations } from '#base/metrics/histogram.ts';
import { CompactedError } from '#store/errors.ts';
import { prefixRange, type WatchEvent, type WatchHandle } from '#store/store.ts';
import { CacheEvent } from '../../cache/cache-event.ts';
import type { Entry } from '../../cache/entry.ts';
import type { WatchFilter } from '../../cache/watch-group.ts';
import type { WatchEncoding } from '../../codec/encode/watch-encoding.ts';
import type { HandlerParts } from '../../request/exchange.ts';
import type { ListParams } from '../../storage/read/list-params.ts';
import type { Target } from '../../storage/read/target.ts';
import { waitForRevision } from '../../storage/read/wait-for-revision.ts';
import { addedForm, type Backlog, initialBacklog, missedBacklog } from './backlog.ts';

/** What a watcher asks. */
export interface WatchRequest {
  readonly parts: HandlerParts;
  readonly target: Target;
  readonly params: ListParams;
  readonly filter: WatchFilter;
  readonly encoding: WatchEncoding;
  /**
   * Called when the objects it begins with, if any, have been sent, or will not be; harmless when called
   * again.
   */
  readonly leave: () => void;
  /** Observes how long it takes to send a list that the watch begins with. */
  readonly listDurations?: Observations | undefined;
}

export interface WatchStartHandler {
  /** These bytes come first; every change from this moment on is to be taken from the group. */
  begin(first: Backlog | undefined): void;
  refuse(error: StatusError): void;
  /** These bytes come first, and then there is more to find. */
  catchUp(missed: Backlog, then: () => void): void;
  /** Something cannot be shown. */
  break(error: Error): void;
}

export class WatchBeginning {
  readonly #request: WatchRequest;
  readonly #handler: WatchStartHandler;
  #history: WatchHandle | undefined;
  /** Of the store when the watch was asked for, once that is known. */
  #newestRevision: number | undefined;
  #leaveFuture: (() => void) | undefined;
  #isOver = false;

  constructor(request: WatchRequest, handler: WatchStartHandler) {
    this.#request = request;
    this.#handler = handler;
  }

  find(): void {
    try {
      this.#find();
    } catch (error) {
      this.#handler.break(error as Error);
    }
  }

  /** The watcher is gone, or goes on by itself. */
  cancel(): void {
    this.#isOver = true;
    this.#leaveFuture?.();
    this.#leaveHistory();
  }

  #find(): void {
    const { parts, target, params } = this.#request;
    const from = params.revision || parts.cache.revision;
    if (beginsWithObjects(params)) this.#fromFreshObjects();
    else if (from > parts.cache.revision) this.#fromFuture(from);
    else if (from >= target.storage.cache.recentFrom) this.#fromWindow(from);
    else this.#fromHistory(from);
  }

  #fromFreshObjects(): void {
    const { parts, params } = this.#request;
    const least = this.#leastRevision();
    const waiting =
      typeof least === 'number' ? waitForRevision(parts, least, params.revisionText) : this.#remember(least);
    const refuse = (error: StatusError) => this.#isOver || this.#handler.refuse(error);
    if (waiting) waiting.then(() => this.#isOver || this.find(), refuse);
    else this.#fromNow();
  }

  /** As upstream's: it is open, and shows what comes after that revision, once there is such a thing. */
  #fromFuture(revision: number): void {
    this.#leaveFuture = this.#request.parts.cache.onRevision(revision, () => this.find());
  }

  /** What the cache must have seen before the watch may begin. */
  #leastRevision(): number | Promise<number> {
    const { parts, params } = this.#request;
    if (params.revision !== undefined) return params.revision;
    return this.#newestRevision ?? parts.store.newestRevision();
  }

  async #remember(newest: Promise<number>): Promise<void> {
    this.#newestRevision = await newest;
  }

  #fromNow(): void {
    const { parts, target, params, filter } = this.#request;
    const { cache } = target.storage;
    const source = {
      candidates: candidatesOf(target, filter),
      matches: (entry: Entry) => filter.matches(entry),
    };
    const form = addedForm(filter, JSON.stringify([cache.prefix, filter.key]));
    const reading = parts.encodings.read(form, String(cache.lastChange), source);
    const withBookmark = params.sendInitialEvents === true && params.allowBookmarks;
    const last = withBookmark ? bookmarkOf(this.#request, true) : undefined;
    this.#handler.begin(initialBacklog(reading, last, filter.sizes));
  }

  /** Framed while it is sent: what the window holds now stays as it is. */
  #fromWindow(revision: number): void {
    const missed = this.#request.target.storage.cache.since(revision);
    const backlog = missedBacklog(missed, (event: CacheEvent) => this.#frame(event));
    this.#handler.begin(missed.length > 0 ? backlog : undefined);
  }

  /** One batch of the store's at a time: the next is read when the receiver has taken this one. */
  #fromHistory(revision: number): void {
    const { parts, target } = this.#request;
    const { cache } = target.storage;
    this.#history = parts.store.watch(prefixRange(cache.prefix), revision + 1, {
      onEvents: (events, upTo) => {
        this.#leaveHistory();
        if (this.#isOver) return;
        const backlog = missedBacklog(events, (event: WatchEvent) => this.#frame(this.#cacheEvent(event)));
        this.#handler.catchUp(backlog, () => {
          if (upTo >= cache.recentFrom) this.#fromWindow(upTo);
          else this.#fromHistory(upTo);
        });
      },
      onError: (error) => this.#isOver || this.#handler.refuse(noLonger(error, revision)),
    });
  }

  #leaveHistory(): void {
    this.#history?.cancel();
    this.#history = undefined;
  }

  #cacheEvent({ revision, current, previous }: WatchEvent): CacheEvent {
    const { cache } = this.#request.target.storage;
    return new CacheEvent(
      revision,
      current && cache.entryOf(current.key, current.value, current.modRevision),
      previous && cache.entryOf(previous.key, previous.value, previous.modRevision),
    );
  }

  /** Nothing for what this watcher does not see. */
  #frame(event: CacheEvent): Uint8Array | undefined {
    const { filter } = this.#request;
    const type = event.typeFor(filter.matches);
    if (!type) return undefined;
    const frame = filter.frame ? filter.frame(event, type) : event.frame(type);
    filter.sizes?.observe(frame.length);
    return frame;
  }
}

export function beginsWithObjects({ revision, sendInitialEvents }: ListParams): boolean {
  return sendInitialEvents === true || (sendInitialEvents === undefined && !revision);
}

/** The objects of the namespace, or the one object that the request names. */
function candidatesOf(target: Target, filter: WatchFilter): readonly Entry[] {
  const { index } = target.storage.cache;
  const name = nameOf(target, filter);
  if (name === undefined) return index.list(target.namespace || undefined);
  const entry = index.get(target.namespace, name);
  return entry ? [entry] : [];
}

/** The watch begins with no more objects than these. */
export function initialObjectsMax(target: Target, filter: WatchFilter): number {
  if (nameOf(target, filter) !== undefined) return 1;
  return target.storage.cache.index.count(target.namespace || undefined);
}

/** Undefined where objects of several namespaces may have the name. */
function nameOf({ storage, namespace }: Target, { trigger }: WatchFilter): string | undefined {
  const isOne = namespace !== '' || !storage.cache.namespaced;
  return isOne && trigger?.field === 'metadata.name' ? trigger.value : undefined;
}

export function bookmarkOf({ parts, encoding }: WatchRequest, isInitialEnd: boolean): Uint8Array {
  return encoding.bookmark(parts.cache.revision, isInitialEnd);
}

function noLonger(error: Error, revision: number): StatusError {
  if (!(error instanceof CompactedError)) return expired(error.message);
  return expired(`too old resource version: ${revision} (${error.compactedRevision})`);
}
