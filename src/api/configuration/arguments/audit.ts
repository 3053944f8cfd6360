/** The API server's arguments about the audit log. */

import { choice, durationMs, file, outputFile, toggle, wholeNumber } from '../argument.ts';

const many = { min: 1, max: 1_000_000_000 };
const some = { min: 0, max: 1_000_000_000 };
const modes = ['batch', 'blocking', 'blocking-strict'] as const;

export const auditArguments = {
  'audit-policy-file': file('The audit policy (audit.k8s.io/v1). Without it nothing is audited.'),
  'audit-log-path': outputFile('The file that audit events are written to; - is the standard output.'),
  'audit-log-format': choice('json, one event a line, or legacy, a short text. Default json.', [
    'json',
    'legacy',
  ] as const),
  'audit-log-maxage': wholeNumber('Days that old log files are kept; 0 for ever. Default 366.', some),
  'audit-log-maxbackup': wholeNumber('Old log files that are kept; 0 all. Default 100.', some),
  'audit-log-maxsize': wholeNumber('Megabytes of a log file before it is rotated. Default 100.', many),
  'audit-log-compress': toggle('Whether old log files are compressed. Default false.'),
  'audit-log-mode': choice(
    'Whether requests wait until their events are written, and fail when they cannot be. Default blocking.',
    modes,
  ),
  'audit-log-batch-buffer-size': wholeNumber('Events that may wait, in mode batch. Default 10000.', many),
  'audit-log-batch-max-size': wholeNumber('Events of one batch. Default 1.', many),
  'audit-log-batch-max-wait': durationMs('How long a batch waits to be full. Default 0.'),
  'audit-log-batch-throttle-enable': toggle('Whether batches are limited. Default false.'),
  'audit-log-batch-throttle-qps': wholeNumber('Batches a second. Default 10.', many),
  'audit-log-batch-throttle-burst': wholeNumber('Batches at once. Default 15.', many),
  'audit-log-truncate-enabled': toggle('Whether events that are too large are truncated. Default false.'),
  'audit-log-truncate-max-batch-size': wholeNumber('Bytes of a batch, if truncated. Default 10485760.', many),
  'audit-log-truncate-max-event-size': wholeNumber('Bytes of an event, if truncated. Default 102400.', many),
  'audit-webhook-config-file': file('The kubeconfig of the webhook that audit events are sent to.'),
  'audit-webhook-initial-backoff': durationMs('The wait before the first retry. Default 10s.'),
  'audit-webhook-mode': choice(
    'Whether requests wait until their events are sent, and fail when they cannot be. Default batch.',
    modes,
  ),
  'audit-webhook-batch-buffer-size': wholeNumber('Events that may wait, in mode batch. Default 10000.', many),
  'audit-webhook-batch-max-size': wholeNumber('Events of one batch. Default 400.', many),
  'audit-webhook-batch-max-wait': durationMs('How long a batch waits to be full. Default 30s.'),
  'audit-webhook-batch-throttle-enable': toggle('Whether batches are limited. Default true.'),
  'audit-webhook-batch-throttle-qps': wholeNumber('Batches a second. Default 10.', many),
  'audit-webhook-batch-throttle-burst': wholeNumber('Batches at once. Default 15.', many),
  'audit-webhook-truncate-enabled': toggle('Whether events that are too large are truncated. Default false.'),
  'audit-webhook-truncate-max-batch-size': wholeNumber(
    'Bytes of a batch, if truncated. Default 10485760.',
    many,
  ),
  'audit-webhook-truncate-max-event-size': wholeNumber(
    'Bytes of an event, if truncated. Default 102400.',
    many,
  ),
};
