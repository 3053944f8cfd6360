/** The outcome of a webhook call for its request: it is rejected, or continues, also after a call that failed open. */

import { internalError, timeout } from '#api/meta/status.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import { CallFailed } from './call-hook.ts';
import { Denied } from './denial.ts';
import type { Hook } from './hook.ts';
import type { HookParts } from './hook-parts.ts';
import type { HookPhase } from './webhook-metrics.ts';

export interface Outcome {
  /** The error that rejects the request. */
  readonly refusal?: unknown;
  readonly failedOpen?: true;
}

export interface Call {
  readonly hook: Hook;
  readonly phase: HookPhase;
  readonly startedMs: number;
}

const success = 200;

/** `error`: thrown by the call; undefined if it succeeded. */
export function outcomeOf(
  { metrics, clock, log }: HookParts,
  { hook, phase, startedMs }: Call,
  { operation }: AdmissionAttributes,
  error: unknown,
): Outcome {
  const call = { name: hook.name, phase, operation };
  const count = (code: number, isRejected: boolean) =>
    metrics.called(call, clock.monotonicMs() - startedMs, code, isRejected);
  if (error === undefined) {
    count(success, false);
    return {};
  }
  if (error instanceof Denied) {
    metrics.rejected(call, 'no_error', error.code);
    count(error.code, true);
    return { refusal: error };
  }
  if (!(error instanceof CallFailed)) {
    metrics.rejected(call, 'apiserver_internal_error', 0);
    count(0, true);
    return { refusal: error };
  }
  count(error.status.code, !hook.failsOpen);
  if (!hook.failsOpen && !error.isCanceled) {
    metrics.rejected(call, 'calling_webhook_error', error.status.code);
  }
  const policy = hook.failsOpen ? 'failing open' : 'failing closed';
  log.warn(`an admission webhook could not be called, ${policy}`, {
    webhook: hook.name,
    error: error.message,
  });
  if (!hook.failsOpen) return { refusal: internalError(error.message) };
  if (error.isCanceled) return {};
  metrics.failedOpen(call);
  return { failedOpen: true };
}

/** Throws when the request's own deadline has passed, so that no further webhook is called. */
export function assertInTime({ request }: AdmissionAttributes): void {
  const left = request?.timeLeftMs();
  if ((left !== undefined && left <= 0) || request?.signal?.aborted) {
    throw timeout('request did not complete within requested timeout');
  }
}
