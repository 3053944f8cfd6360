/**
 * Queues events and sends them in batches, when a batch is full or after a while, so that no request waits for a
 * backend. Events that arrive when the queue is full are lost, and counted.
 */

import { type Clock, pause, type Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { AuditMetrics } from '../audit-metrics.ts';
import type { AuditEvent } from '../event.ts';
import type { AuditSink } from '../sink.ts';

export interface BatchOptions {
  readonly queuedMax: number;
  readonly batchMax: number;
  readonly waitMsMax: number;
  /** Absent if batches are not limited. */
  readonly throttle?: { readonly batchesPerSecond: number; readonly burst: number } | undefined;
}

export function bufferedSink(
  { clock }: Pick<Env, 'clock'>,
  sink: AuditSink,
  options: BatchOptions,
  metrics: AuditMetrics,
): AuditSink {
  return new BufferedSink(clock, sink, options, metrics);
}

class BufferedSink implements AuditSink {
  readonly name: string;
  readonly #clock: Clock;
  readonly #sink: AuditSink;
  readonly #options: BatchOptions;
  readonly #metrics: AuditMetrics;
  readonly #throttle: Throttle | undefined;
  readonly #sending = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  #queue: AuditEvent[] = [];
  /** Events in batches that have not been sent yet: they count as queued. */
  #waiting = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, sink: AuditSink, options: BatchOptions, metrics: AuditMetrics) {
    this.name = `buffered<${sink.name}>`;
    this.#clock = clock;
    this.#sink = sink;
    this.#options = options;
    this.#metrics = metrics;
    if (options.throttle) this.#throttle = new Throttle(clock, options.throttle);
  }

  process(events: readonly AuditEvent[]): boolean {
    const { queuedMax, batchMax, waitMsMax } = this.#options;
    const isClosed = this.#closing.signal.aborted;
    const room = isClosed ? 0 : Math.max(0, queuedMax - this.#queue.length - this.#waiting);
    if (events.length > room) {
      const why = isClosed ? 'audit backend shut down' : 'audit buffer queue blocked';
      this.#metrics.lost('buffered', new Error(why), events.slice(room));
    }
    this.#queue.push(...events.slice(0, room));
    if (this.#queue.length >= batchMax) this.#flush();
    else if (this.#queue.length > 0) this.#timer ??= this.#clock.after(waitMsMax, () => this.#flush());
    return true;
  }

  async close(): Promise<void> {
    // Before the flush: its batches are then sent without the throttle's delay.
    this.#closing.abort();
    this.#flush();
    await Promise.allSettled(this.#sending);
    await this.#sink.close();
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { batchMax } = this.#options;
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, batchMax);
      this.#queue = this.#queue.slice(batchMax);
      this.#waiting += batch.length;
      const work = this.#send(batch).finally(() => {
        this.#waiting -= batch.length;
        this.#sending.delete(work);
      });
      this.#sending.add(work);
    }
  }

  async #send(batch: readonly AuditEvent[]): Promise<void> {
    const { signal } = this.#closing;
    const delayMs = signal.aborted ? 0 : (this.#throttle?.delayMs() ?? 0);
    if (delayMs > 0) await pause(this.#clock, delayMs, signal);
    await this.#sink.process(batch);
  }
}

/** Upstream's token bucket, kept as the time at which the next batch may be sent. */
class Throttle {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #burst: number;
  #freeAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, { batchesPerSecond, burst }: NonNullable<BatchOptions['throttle']>) {
    this.#clock = clock;
    this.#everyMs = 1000 / batchesPerSecond;
    this.#burst = burst;
  }

  /** How long the next batch has to wait; takes its token. */
  delayMs(): number {
    const nowMs = this.#clock.monotonicMs();
    const fullMs = nowMs - this.#burst * this.#everyMs;
    this.#freeAtMs = Math.max(this.#freeAtMs, fullMs) + this.#everyMs;
    return Math.max(0, this.#freeAtMs - nowMs);
  }
}
