/**
 * Keeps events in a queue and gives them on in batches, so that no request waits for a backend: when a batch is
 * full, or after a while. What comes when the queue is full is lost, and counted.
 */

import { pause, type Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { AuditMetrics } from '../audit-metrics.ts';
import type { AuditEvent } from '../event.ts';
import type { AuditSink } from '../sink.ts';

export interface BatchOptions {
  readonly queuedMax: number;
  readonly batchMax: number;
  readonly waitMsMax: number;
  /** Absent: not limited. */
  readonly throttle?: { readonly batchesPerSecond: number; readonly burst: number } | undefined;
}

export function bufferedSink(
  { clock }: Pick<Env, 'clock'>,
  sink: AuditSink,
  options: BatchOptions,
  metrics: AuditMetrics,
): AuditSink {
  const { queuedMax, batchMax, waitMsMax, throttle } = options;
  const sending = new Set<Promise<unknown>>();
  let queue: AuditEvent[] = [];
  let timer: Timer | undefined;
  let isClosed = false;
  /** When the next batch may go: the bucket of upstream's throttle, as a time. */
  let freeAtMs = Number.NEGATIVE_INFINITY;

  function waitMs(): number {
    if (!throttle) return 0;
    const everyMs = 1000 / throttle.batchesPerSecond;
    const nowMs = clock.monotonicMs();
    freeAtMs = Math.max(freeAtMs, nowMs - throttle.burst * everyMs) + everyMs;
    return Math.max(0, freeAtMs - nowMs);
  }

  async function send(batch: readonly AuditEvent[]): Promise<void> {
    const delayMs = isClosed ? 0 : waitMs();
    if (delayMs > 0) await pause(clock, delayMs, closing.signal);
    await sink.process(batch);
  }

  function flush(): void {
    timer?.cancel();
    timer = undefined;
    while (queue.length > 0) {
      const batch = queue.slice(0, batchMax);
      queue = queue.slice(batchMax);
      waiting += batch.length;
      const work = send(batch).finally(() => {
        waiting -= batch.length;
        sending.delete(work);
      });
      sending.add(work);
    }
  }

  const closing = new AbortController();
  /** In batches that have not been sent yet: they count as queued. */
  let waiting = 0;
  return {
    name: `buffered<${sink.name}>`,
    process(events) {
      const room = isClosed ? 0 : Math.max(0, queuedMax - queue.length - waiting);
      if (events.length > room) {
        const why = isClosed ? 'audit backend shut down' : 'audit buffer queue blocked';
        metrics.lost('buffered', new Error(why), events.slice(room));
      }
      queue.push(...events.slice(0, room));
      if (queue.length >= batchMax) flush();
      else if (queue.length > 0) timer ??= clock.after(waitMsMax, flush);
      return true;
    },
    async close() {
      isClosed = true;
      flush();
      closing.abort();
      await Promise.allSettled(sending);
      await sink.close();
    },
  };
}
