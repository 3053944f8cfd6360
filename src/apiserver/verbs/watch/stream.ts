/**
 * One watcher: first what it has to catch up with, then its group's shared frames, until its time is over, it
 * goes away, or it cannot keep up.
 */

import { internalError, type StatusError } from '#api/meta/status.ts';
import type { Timer } from '#base/clock.ts';
import type { ByteSink, StreamBody } from '#client/transport/transport.ts';
import type { GroupMember, WatchGroup } from '../../cache/watch-group.ts';
import type { Backlog } from './backlog.ts';
import { bookmarkOf, WatchBeginning, type WatchRequest, type WatchStartHandler } from './beginning.ts';

const bookmarkEveryMs = 60_000;

export class WatchStream implements StreamBody, GroupMember, WatchStartHandler {
  cursor = 0;
  readonly #request: WatchRequest;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #beginning: WatchBeginning;
  readonly #generation: number;
  #sink: ByteSink | undefined;
  #group: WatchGroup | undefined;
  #backlog: Backlog | undefined;
  #afterBacklog: (() => void) | undefined;
  /** The next of several pieces has its turn already. */
  #isQueued = false;
  #beganMs = 0;
  #blocked = false;
  #over = false;
  #deadline: Timer | undefined;
  #bookmark: Timer | undefined;

  constructor(request: WatchRequest, timeoutMs: number, signal: AbortSignal | undefined) {
    this.#request = request;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
    this.#beginning = new WatchBeginning(request, this);
    this.#generation = request.target.storage.cache.watchers.generation;
  }

  start(sink: ByteSink): void {
    const { parts, params } = this.#request;
    this.#sink = sink;
    this.#beganMs = parts.env.clock.monotonicMs();
    sink.onClose(() => this.#finish());
    sink.onDrain(() => {
      this.#blocked = false;
      this.pump();
    });
    // Its time is up before it begins where that is negative.
    if (this.#signal?.aborted || parts.openWatches.isOver || this.#timeoutMs < 0) {
      this.#end();
      return;
    }
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
    parts.openWatches.add(this.#onAbort);
    if (this.#timeoutMs > 0) this.#deadline = parts.env.clock.after(this.#timeoutMs, () => this.#timeIsUp());
    if (params.allowBookmarks) this.#scheduleBookmark();
    this.#beginning.find();
  }

  cancel(): void {
    this.#request.leave();
  }

  begin(first: Backlog | undefined): void {
    const { watchers } = this.#request.target.storage.cache;
    // Its resource was replaced while it found where to begin.
    if (watchers.generation !== this.#generation) {
      this.#end();
      return;
    }
    this.#backlog = first;
    this.#group = watchers.join(this.#request.filter);
    this.cursor = this.#group.end;
    this.#group.members.add(this);
    this.pump();
  }

  /** Sends what there is, as long as the receiver takes it. */
  pump(): void {
    if (this.#over || !this.#sink) return;
    try {
      this.#send();
    } catch (error) {
      this.break(error as Error);
    }
  }

  refuse({ status }: StatusError): void {
    if (this.#over) return;
    this.#write(this.#request.encoding.error(status));
    this.#end();
  }

  catchUp(missed: Backlog, then: () => void): void {
    this.#backlog = missed;
    this.#afterBacklog = then;
    this.pump();
  }

  /** An object that cannot be encoded: the watcher gets an error, and lists again. */
  break(error: Error): void {
    this.#request.parts.env.log.error('a watch broke', { error: error.stack ?? error.message });
    this.refuse(internalError(error.message));
  }

  #send(): void {
    if (this.#blocked) {
      if (this.#group?.hasLost(this)) this.#endLost(this.#group);
      return;
    }
    if (this.#backlog) this.#queue(() => this.#sendBacklog());
    else this.#sendChanges();
  }

  #sendChanges(): void {
    const group = this.#group;
    const bytes = group?.take(this);
    if (bytes === 'lost') this.#endLost(group!);
    else if (bytes && this.#write(bytes) && this.cursor !== group?.end) this.#queue(() => this.#send());
  }

  #sendBacklog(): void {
    const next = this.#backlog?.next();
    if (next === undefined) this.#endBacklog();
    else if (next !== 'later') this.#write(next);
    this.#send();
  }

  /** One piece in its turn: a watcher that has much to get does not hold up the others. */
  #queue(sendPiece: () => void): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#request.parts.steps.run(() => {
      this.#isQueued = false;
      if (this.#over || this.#blocked) return;
      try {
        sendPiece();
      } catch (error) {
        this.break(error as Error);
      }
    });
  }

  #endBacklog(): void {
    const then = this.#afterBacklog;
    this.#afterBacklog = undefined;
    this.#closeBacklog();
    const { parts, listDurations } = this.#request;
    listDurations?.observe(parts.env.clock.monotonicMs() - this.#beganMs);
    then?.();
  }

  #closeBacklog(): void {
    this.#backlog?.close();
    this.#backlog = undefined;
    this.#request.leave();
  }

  #scheduleBookmark(): void {
    this.#bookmark = this.#request.parts.env.clock.after(bookmarkEveryMs, () => {
      this.#sendBookmark();
      if (!this.#over) this.#scheduleBookmark();
    });
  }

  /** Says how far the watch has come, when it has come as far as the cache. */
  #sendBookmark(): void {
    this.pump();
    if (this.#over || this.#blocked || this.#backlog || !this.#group || this.cursor !== this.#group.end) {
      return;
    }
    const bookmark = bookmarkOf(this.#request, false);
    this.#request.filter.sizes?.observe(bookmark.length);
    this.#write(bookmark);
  }

  #timeIsUp(): void {
    if (this.#request.params.allowBookmarks) this.#sendBookmark();
    this.#end();
  }

  /** False when the receiver wants a pause. */
  #write(bytes: Uint8Array): boolean {
    const more = this.#sink!.write(bytes);
    if (!more) this.#blocked = true;
    return more;
  }

  /** The group is broken, or the receiver too slow. */
  #endLost(group: WatchGroup): void {
    if (!group.isBroken) this.#request.target.storage.cache.counts.terminatedWatchers++;
    this.#end();
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
    this.#deadline?.cancel();
    this.#bookmark?.cancel();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    const { parts, target } = this.#request;
    parts.openWatches.remove(this.#onAbort);
    this.#beginning.cancel();
    this.#closeBacklog();
    if (!this.#group) return;
    this.#group.members.delete(this);
    target.storage.cache.watchers.leave(this.#group);
  }
}
