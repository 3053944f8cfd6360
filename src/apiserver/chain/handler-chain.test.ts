/** The order of the stages, compared with that of upstream. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { FlowControl } from '../flowcontrol/flow-control.ts';
import { promptShutdown, Shutdown } from '../flowcontrol/shutdown/shutdown.ts';
import { type RequestSettings, requestSettings } from '../request/request-settings.ts';
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
  ['WithHSTS', 'strict-transport-security'],
  ['WithCacheControl', 'cache-control'],
  ['WithProbabilisticGoaway', 'goaway'],
  ['WithWaitGroup', 'wait-group'],
  ['WithRequestDeadline', 'deadline'],
  ['WithTimeoutForNonLongRunningRequests', 'deadline'],
  ['WithWarningRecorder', 'warnings'],
  ['WithCORS', 'cors'],
  ['WithAuthentication', 'authentication'],
  ['WithAudit', 'audit'],
  ['WithConstrainedImpersonation', 'impersonation'],
  ['WithPriorityAndFairness', 'priority-and-fairness'],
  ['WithAuthorization', 'authorization'],
];
/** What upstream does behind its filters, in the handlers. */
const behind = ['root-path', 'body', 'dispatch'];

test('the stages – their order – that of the filters of upstream', () => {
  const namesWith = (sendsRetryAfter: boolean, settings: Partial<RequestSettings> = {}) => {
    const shutdown = new Shutdown(new VirtualClock(), { ...promptShutdown, sendsRetryAfter });
    const flowControl = { readWrite: {} } as FlowControl;
    const parts = { shutdown, metrics: {}, flowControl, settings: { ...requestSettings(), ...settings } };
    return handlerChain(parts as ChainParts).map(({ name }) => name);
  };
  const filters = upstream.map(([, stage]) => stage);
  const all = [...new Set(filters), ...behind];
  const onDemand = ['strict-transport-security', 'goaway', 'cors'];
  const settings = { strictTransport: ['preload'], goawayChance: 0.01, allowedOrigins: ['^a$'] };
  assert.deepEqual(namesWith(true, settings), all);
  assert.deepEqual(
    namesWith(false),
    all.filter((name) => name !== 'retry-after' && !onDemand.includes(name)),
  );
  assert.deepEqual(
    namesWith(true, { ...settings, isFair: false }),
    all.map((name) => (name === 'priority-and-fairness' ? 'max-in-flight' : name)),
  );
});
