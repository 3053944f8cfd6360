/**
 * One watcher: first what it has to catch up with, then its group's shared frames, until its time is over, it goes
 * away, or it cannot keep up.
 *
 * Where it begins: at the objects of now (no revision, 0, or sendInitialEvents), in the cache's window of changes, or,
 * for an older revision, in the store's history.
 */

import { expired, internalError, type StatusError } from '#api/status.ts';
import type { Timer } from '#base/clock.ts';
import type { ByteSink, StreamBody } from '#client/transport.ts';
import { CompactedError, prefixRange, type WatchEvent, type WatchHandle } from '#store/store.ts';
import { CacheEvent } from '../cache/cache-event.ts';
import type { GroupMember, WatchFilter, WatchGroup } from '../cache/watch-group.ts';
import type { Core } from '../exchange.ts';
import type { ListParams } from './list-params.ts';
import { reachRevision } from './reach-revision.ts';
import type { Target } from './target.ts';
import { bookmarkFrame, errorFrame, initialChunks } from './watch-frames.ts';

const bookmarkEveryMs = 60_000;
/** Frames gathered from the store's history before the receiver takes them. */
const historyFramesMax = 100_000;

export class WatchStream implements StreamBody, GroupMember {
  cursor = 0;
  readonly #core: Core;
  readonly #target: Target;
  readonly #params: ListParams;
  readonly #filter: WatchFilter;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;
  #sink: ByteSink | undefined;
  #group: WatchGroup | undefined;
  #history: WatchHandle | undefined;
  #backlog: Iterator<Uint8Array> | undefined;
  #blocked = false;
  #over = false;
  #timers: Timer[] = [];

  constructor(
    core: Core,
    target: Target,
    params: ListParams,
    filter: WatchFilter,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ) {
    this.#core = core;
    this.#target = target;
    this.#params = params;
    this.#filter = filter;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
  }

  start(sink: ByteSink): void {
    this.#sink = sink;
    sink.onClose(() => this.#finish());
    sink.onDrain(() => {
      this.#blocked = false;
      this.pump();
    });
    if (this.#signal?.aborted || this.#core.stopping.aborted) {
      this.#end();
      return;
    }
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#core.stopping.addEventListener('abort', this.#onAbort, { once: true });
    this.#timers = [this.#core.env.clock.after(this.#timeoutMs, () => this.#timeIsUp())];
    if (this.#params.allowBookmarks) this.#scheduleBookmark();
    this.#begin();
  }

  /** Sends what there is, as long as the receiver takes it. */
  pump(): void {
    if (this.#over || !this.#sink) return;
    try {
      this.#send();
    } catch (error) {
      this.#break(error as Error);
    }
  }

  /** Something that cannot be shown: the watcher is told, and lists again. */
  #break(error: Error): void {
    this.#core.env.log.error('a watch broke', { error: error.stack ?? error.message });
    if (this.#over) return;
    this.#write(errorFrame(internalError(error.message).status));
    this.#end();
  }

  #send(): void {
    if (this.#blocked) {
      if (this.#group?.hasLost(this)) this.#end();
      return;
    }
    while (this.#backlog) {
      const next = this.#backlog.next();
      if (next.done) this.#backlog = undefined;
      else if (!this.#write(next.value)) return;
    }
    const bytes = this.#group?.take(this);
    if (bytes === 'lost') this.#end();
    else if (bytes) this.#write(bytes);
  }

  #begin(): void {
    try {
      this.#findBeginning();
    } catch (error) {
      this.#break(error as Error);
    }
  }

  #findBeginning(): void {
    const { revision, sendInitialEvents } = this.#params;
    const fromNow = sendInitialEvents === true || (sendInitialEvents === undefined && !revision);
    const least = revision ?? (fromNow ? this.#core.store.currentRevision() : 0);
    const waiting = reachRevision(this.#core, least);
    if (waiting) {
      waiting.then(
        () => this.#over || this.#begin(),
        (error: Error) => this.#refuse(fromFuture(error)),
      );
      return;
    }
    const from = revision || this.#core.cache.revision;
    if (fromNow) this.#fromNow();
    else if (from >= this.#target.storage.cache.recentFrom) this.#fromWindow(from, []);
    else this.#fromHistory(from);
  }

  #fromNow(): void {
    const { cache } = this.#target.storage;
    const entries = cache.index.list(this.#target.namespace || undefined).filter(this.#filter.matches);
    const withBookmark = this.#params.sendInitialEvents === true && this.#params.allowBookmarks;
    const last = withBookmark ? this.#bookmark(true) : undefined;
    this.#backlog = initialChunks(entries, this.#filter, last);
    this.#join();
  }

  #fromWindow(revision: number, before: Uint8Array[]): void {
    const frames = before;
    for (const event of this.#target.storage.cache.since(revision)) this.#addFrame(frames, event);
    this.#backlog = frames.length > 0 ? frames.values() : undefined;
    this.#join();
  }

  #fromHistory(revision: number): void {
    const { cache } = this.#target.storage;
    const frames: Uint8Array[] = [];
    this.#history = this.#core.store.watch(prefixRange(cache.prefix), revision + 1, {
      onEvents: (events, upTo) => {
        if (this.#over) return;
        this.#addFrames(frames, events);
        if (frames.length > historyFramesMax) this.#end();
        if (this.#over || upTo < cache.recentFrom) return;
        this.#history?.cancel();
        this.#history = undefined;
        this.#fromWindow(upTo, frames);
      },
      onError: (error) => this.#fail(error, revision),
    });
  }

  #addFrames(frames: Uint8Array[], events: readonly WatchEvent[]): void {
    try {
      for (const event of events) this.#addFrame(frames, this.#cacheEvent(event));
    } catch (error) {
      this.#break(error as Error);
    }
  }

  #cacheEvent(event: WatchEvent): CacheEvent {
    const { cache } = this.#target.storage;
    const { current, previous } = event;
    return new CacheEvent(
      event.revision,
      current && cache.entryOf(current.key, current.value, current.modRevision),
      previous && cache.entryOf(previous.key, previous.value, previous.modRevision),
    );
  }

  #addFrame(frames: Uint8Array[], event: CacheEvent): void {
    const type = event.typeFor(this.#filter.matches);
    if (type) frames.push(this.#filter.frame ? this.#filter.frame(event, type) : event.frame(type));
  }

  #join(): void {
    this.#group = this.#target.storage.cache.watchers.join(this.#filter);
    this.cursor = this.#group.end;
    this.#group.members.add(this);
    this.pump();
  }

  #scheduleBookmark(): void {
    const timer = this.#core.env.clock.after(bookmarkEveryMs, () => {
      this.#sendBookmark();
      if (!this.#over) this.#scheduleBookmark();
    });
    this.#timers = [this.#timers[0]!, timer];
  }

  /** Says how far the watch has come, when it has come as far as the cache. */
  #sendBookmark(): void {
    this.pump();
    if (this.#over || this.#blocked || !this.#group || this.cursor !== this.#group.end) return;
    this.#write(this.#bookmark(false));
  }

  #bookmark(isInitialEnd: boolean): Uint8Array {
    const { def, apiVersion } = this.#target.served;
    const kind = this.#filter.bookmarkAs ?? { kind: def.kind, apiVersion };
    return bookmarkFrame(kind, this.#core.cache.revision, isInitialEnd);
  }

  #timeIsUp(): void {
    if (this.#params.allowBookmarks) this.#sendBookmark();
    this.#end();
  }

  #fail(error: Error, revision: number): void {
    const why =
      error instanceof CompactedError
        ? `too old resource version: ${revision} (${error.compactedRevision})`
        : error.message;
    this.#refuse(expired(why));
  }

  #refuse({ status }: StatusError): void {
    if (this.#over) return;
    this.#write(errorFrame(status));
    this.#end();
  }

  /** False when the receiver wants a pause. */
  #write(bytes: Uint8Array): boolean {
    const more = this.#sink!.write(bytes);
    if (!more) this.#blocked = true;
    return more;
  }

  readonly #onAbort = (): void => this.#end();

  #end(): void {
    if (this.#over) return;
    this.#finish();
    this.#sink?.end();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    for (const timer of this.#timers) timer.cancel();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#core.stopping.removeEventListener('abort', this.#onAbort);
    this.#history?.cancel();
    if (!this.#group) return;
    this.#group.members.delete(this);
    this.#target.storage.cache.watchers.leave(this.#group);
  }
}

/**
 * The store has never been where the watcher says it was: it was put back to a backup, say. Expired makes clients list
 * again, and so forget what no longer is.
 */
function fromFuture(error: Error): StatusError {
  return expired(error.message.replace(/^Timeout: /, ''));
}
