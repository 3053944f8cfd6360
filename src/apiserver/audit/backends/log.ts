/** Writes events as lines of JSON (or of upstream's legacy format) into a file or to the standard output. */

import type { AuditMetrics } from '../audit-metrics.ts';
import { type AuditEvent, eventText } from '../event.ts';
import type { AuditSink } from '../sink.ts';

/** A file, or the standard output. */
export interface LineWriter {
  /** Throws when the text could not be written. */
  write(text: string): void;
  close(): Promise<void>;
}

export type LogFormat = 'json' | 'legacy';

export function logSink(writer: LineWriter, format: LogFormat, metrics: AuditMetrics): AuditSink {
  const lineOf = format === 'json' ? eventText : legacyText;
  return {
    name: 'log',
    process(events) {
      try {
        writer.write(events.map((event) => `${lineOf(event)}\n`).join(''));
        return true;
      } catch (error) {
        metrics.lost('log', error, events);
        return false;
      }
    },
    close: () => writer.close(),
  };
}

function legacyText(event: AuditEvent): string {
  const { user, impersonatedUser, objectRef, responseStatus, sourceIPs } = event;
  const none = '<none>';
  const self = '<self>';
  const groups = (user: AuditEvent['user'] | undefined, other: string) =>
    user?.groups?.length ? user.groups.map((group) => JSON.stringify(group)).join(',') : other;
  return (
    `${shortTime(event.requestReceivedTimestamp)} AUDIT: id=${quoted(event.auditID)} stage=${quoted(event.stage)}` +
    ` ip=${quoted(sourceIPs?.[0] ?? '<unknown>')} method=${quoted(event.verb)}` +
    ` user=${quoted(user.username || none)} groups=${quoted(groups(user, none))}` +
    ` as=${quoted(impersonatedUser ? impersonatedUser.username || none : self)}` +
    ` asgroups=${quoted(groups(impersonatedUser, '<lookup>'))}` +
    ` user-agent=${quoted(event.userAgent ?? '')} namespace=${quoted(objectRef?.namespace || none)}` +
    ` uri=${quoted(event.requestURI)} response=${quoted(responseStatus?.code?.toString() ?? '<deferred>')}`
  );
}

/** Without zeros at the end of the fraction, as Go prints it. */
function shortTime(time: string): string {
  return time.replace(/\.?0*Z$/, 'Z');
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
