/** A receiver of audit events: a backend, or a wrapper that buffers or truncates events for one. */

import type { AuditEvent } from './event.ts';

export interface AuditSink {
  /** As upstream's logs and metrics call it: `log`, `webhook`. */
  readonly name: string;
  /** False if an event was lost and its request must fail. A promise only where the request has to wait. */
  process(events: readonly AuditEvent[]): boolean | Promise<boolean>;
  /** Resolves when all accepted events have been sent. */
  close(): Promise<void>;
}

/** Every sink gets every event, also after another sink failed. */
export function unionSink(sinks: readonly AuditSink[]): AuditSink {
  if (sinks.length === 1) return sinks[0]!;
  return {
    name: `union[${sinks.map(({ name }) => name).join(',')}]`,
    process(events) {
      const results = sinks.map((sink) => sink.process(events));
      if (!results.some((result) => result instanceof Promise)) return results.every(Boolean);
      return Promise.all(results).then((all) => all.every(Boolean));
    },
    close: async () => void (await Promise.all(sinks.map((sink) => sink.close()))),
  };
}
