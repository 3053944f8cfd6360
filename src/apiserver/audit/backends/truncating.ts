/**
 * Removes the objects of too large events, drops events that are still too large, and splits too large batches.
 */

import type { AuditMetrics } from '../audit-metrics.ts';
import { type AuditEvent, eventText } from '../event.ts';
import { atLeast } from '../policy.ts';
import type { AuditSink } from '../sink.ts';

export interface TruncateOptions {
  readonly eventBytesMax: number;
  readonly batchBytesMax: number;
}

export function truncatingSink(sink: AuditSink, options: TruncateOptions, metrics: AuditMetrics): AuditSink {
  return {
    name: `truncate<${sink.name}>`,
    process(events) {
      const results = batchesOf(events, options, metrics).map((batch) => sink.process(batch));
      if (!results.some((result) => result instanceof Promise)) return results.every(Boolean);
      return Promise.all(results).then((all) => all.every(Boolean));
    },
    close: () => sink.close(),
  };
}

function batchesOf(
  events: readonly AuditEvent[],
  { eventBytesMax, batchBytesMax }: TruncateOptions,
  metrics: AuditMetrics,
): AuditEvent[][] {
  const batches: AuditEvent[][] = [];
  let batch: AuditEvent[] = [];
  let batchBytes = 0;
  for (const whole of events) {
    const { event, bytes } = fitting(whole, eventBytesMax);
    if (bytes > eventBytesMax) {
      metrics.lost('truncate', new Error('event is too large even after truncating'), [event]);
      continue;
    }
    if (batch.length > 0 && batchBytes + bytes > batchBytesMax) {
      batches.push(batch);
      batch = [];
      batchBytes = 0;
    }
    batch.push(event);
    batchBytes += bytes;
  }
  return batch.length > 0 ? [...batches, batch] : batches;
}

function fitting(event: AuditEvent, bytesMax: number): { event: AuditEvent; bytes: number } {
  const bytes = sizeOf(event);
  if (bytes <= bytesMax || !atLeast(event.level, 'Request')) return { event, bytes };
  const { requestObject: _, responseObject: __, ...rest } = event;
  const annotations = { ...event.annotations, 'audit.k8s.io/truncated': 'true' };
  const cut = { ...rest, annotations };
  return { event: cut, bytes: sizeOf(cut) };
}

/** In bytes, with the line feed, as upstream counts. */
function sizeOf(event: AuditEvent): number {
  return Buffer.byteLength(eventText(event)) + 1;
}
