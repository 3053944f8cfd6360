/** Auditing that keeps its events in memory. */

import { AuditMetrics } from '#apiserver/audit/audit-metrics.ts';
import { Auditing } from '#apiserver/audit/auditing.ts';
import type { AuditEvent } from '#apiserver/audit/event.ts';
import type { Policy } from '#apiserver/audit/policy.ts';
import { systemEnv } from '#host/system-env.ts';

export interface RecordedAudit {
  readonly audit: Auditing;
  readonly events: AuditEvent[];
  /** Whether events can be kept. */
  works: boolean;
}

export function recordedAudit(
  policy: Policy = { rules: [{ level: 'Metadata' }] },
  env = systemEnv(),
): RecordedAudit {
  const events: AuditEvent[] = [];
  const metrics = new AuditMetrics(env.log);
  const recorded: RecordedAudit = {
    events,
    works: true,
    audit: new Auditing({
      env,
      policy,
      metrics,
      sink: {
        name: 'recorded',
        process(more) {
          events.push(...more);
          return recorded.works;
        },
        close: async () => {},
      },
    }),
  };
  return recorded;
}
