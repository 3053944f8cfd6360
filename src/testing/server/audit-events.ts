/** Audit events, and a backend that remembers them. */

import type { AuditEvent } from '#apiserver/audit/event.ts';
import type { AuditSink } from '#apiserver/audit/sink.ts';

export function auditEvent(auditID: string, more: Partial<AuditEvent> = {}): AuditEvent {
  return {
    level: 'Request',
    auditID,
    stage: 'ResponseComplete',
    requestURI: '/version',
    verb: 'get',
    user: { username: 'jane', groups: ['a', 'b'] },
    requestReceivedTimestamp: '2026-01-02T03:04:05.678000Z',
    stageTimestamp: '2026-01-02T03:04:05.679000Z',
    ...more,
  };
}

/** `batches`: the events, as they came together. */
export function recordingSink(): { readonly batches: AuditEvent[][]; readonly sink: AuditSink } {
  const batches: AuditEvent[][] = [];
  const sink: AuditSink = {
    name: 'recorder',
    process: (events) => batches.push([...events]) > 0,
    close: async () => {},
  };
  return { batches, sink };
}

export function auditIds(events: readonly AuditEvent[]): string[] {
  return events.map(({ auditID }) => auditID);
}
