/** The metrics of auditing, under upstream's names; reports lost events in metrics and log. */

import { Counter, type Registry } from 'prom-client';
import type { Log } from '#base/log.ts';
import { errorText } from '#base/text/error-text.ts';
import { type AuditEvent, eventText } from './event.ts';

/** Lost events that a log entry shows. */
const shownMax = 10;

export class AuditMetrics {
  readonly events = counter('event_total', 'Audit events that were generated and given to the backends.');
  readonly levels = counter('level_total', 'Requests by the audit level of the policy.', ['level']);
  readonly rejected = counter(
    'requests_rejected_total',
    'Requests that failed as they could not be audited.',
  );
  readonly #errors = counter('error_total', 'Audit events that were lost, by what lost them.', ['plugin']);
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  register(registry: Registry): void {
    for (const metric of [this.events, this.levels, this.rejected, this.#errors]) {
      registry.registerMetric(metric);
    }
  }

  lost(plugin: string, error: unknown, events: readonly AuditEvent[]): void {
    this.#errors.inc({ plugin }, events.length);
    this.#log.error('audit events were lost', {
      plugin,
      count: events.length,
      error: errorText(error),
      events: events.slice(0, shownMax).map((event) => eventText(metadataOf(event))),
    });
  }
}

function metadataOf({ requestObject: _, responseObject: __, ...rest }: AuditEvent): AuditEvent {
  return rest;
}

function counter(name: string, help: string, labelNames: string[] = []): Counter {
  return new Counter({ name: `apiserver_audit_${name}`, help, labelNames, registers: [] });
}
