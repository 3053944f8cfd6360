/** The order of the stages, compared with that of upstream. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { promptShutdown, Shutdown } from '../flowcontrol/shutdown/shutdown.ts';
import { type ChainParts, handlerChain } from './handler-chain.ts';

/**
 * Upstream's DefaultBuildHandlerChain of 1.36, the outermost filter first; those that have no stage here are
 * left out.
 */
const upstream: readonly (readonly [filter: string, stage: string])[] = [
  ['WithAuditInit', 'audit-init'],
  ['WithPanicRecovery', 'panic-recovery'],
  ['WithRequestInfo', 'request-info'],
  ['WithLatencyTrackers', 'metrics'],
  ['WithRetryAfter', 'retry-after'],
  ['WithCacheControl', 'cache-control'],
  ['WithWaitGroup', 'wait-group'],
  ['WithRequestDeadline', 'deadline'],
  ['WithTimeoutForNonLongRunningRequests', 'deadline'],
  ['WithWarningRecorder', 'warnings'],
  ['WithAuthentication', 'authentication'],
  ['WithAudit', 'audit'],
  ['WithConstrainedImpersonation', 'impersonation'],
  ['WithPriorityAndFairness', 'priority-and-fairness'],
  ['WithAuthorization', 'authorization'],
];
/** What upstream does behind its filters, in the handlers. */
const behind = ['root-path', 'body', 'dispatch'];

test('the stages – their order – that of the filters of upstream', () => {
  const namesWith = (sendsRetryAfter: boolean) => {
    const shutdown = new Shutdown(new VirtualClock(), { ...promptShutdown, sendsRetryAfter });
    return handlerChain({ shutdown, metrics: {} } as ChainParts).map(({ name }) => name);
  };
  const filters = upstream.map(([, stage]) => stage);
  const all = [...new Set(filters), ...behind];
  assert.deepEqual(namesWith(true), all);
  assert.deepEqual(
    namesWith(false),
    all.filter((name) => name !== 'retry-after'),
  );
});
