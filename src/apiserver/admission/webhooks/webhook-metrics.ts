/** The metrics of admission webhooks, under upstream's names. */

import { Counter, Histogram, type Registry } from 'prom-client';

export type HookPhase = 'admit' | 'validating';

export interface HookCall {
  readonly name: string;
  readonly phase: HookPhase;
  readonly operation: string;
}

type RejectionCause = 'calling_webhook_error' | 'apiserver_internal_error' | 'no_error';

const bucketSeconds = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25];
const conditionBucketSeconds = [0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25];
/** A webhook may answer with any code: higher codes are counted as this one. */
const codeMax = 600;

export class WebhookMetrics {
  readonly #durations: Histogram;
  readonly #requests: Counter;
  readonly #rejections: Counter;
  readonly #failOpen: Counter;
  readonly #conditionErrors: Counter;
  readonly #conditionExclusions: Counter;
  readonly #conditionDurations: Histogram;

  constructor(registry: Registry) {
    const registers = [registry];
    const call = ['name', 'type', 'operation'] as const;
    const condition = ['name', 'kind', 'type', 'operation'] as const;
    this.#durations = new Histogram({
      name: 'apiserver_admission_webhook_admission_duration_seconds',
      help: 'How long calls of admission webhooks took.',
      labelNames: [...call, 'rejected'],
      buckets: bucketSeconds,
      registers,
    });
    this.#requests = new Counter({
      name: 'apiserver_admission_webhook_request_total',
      help: 'Calls of admission webhooks, by the resulting code.',
      labelNames: [...call, 'code', 'rejected'],
      registers,
    });
    this.#rejections = new Counter({
      name: 'apiserver_admission_webhook_rejection_count',
      help: 'Requests that were rejected by an admission webhook, or because it could not be called.',
      labelNames: [...call, 'error_type', 'rejection_code'],
      registers,
    });
    this.#failOpen = new Counter({
      name: 'apiserver_admission_webhook_fail_open_count',
      help: 'Calls that failed open: their requests continued.',
      labelNames: ['name', 'type'],
      registers,
    });
    this.#conditionErrors = new Counter({
      name: 'apiserver_admission_match_condition_evaluation_errors_total',
      help: 'Match conditions that could not be evaluated.',
      labelNames: condition,
      registers,
    });
    this.#conditionExclusions = new Counter({
      name: 'apiserver_admission_match_condition_exclusions_total',
      help: 'Requests that match conditions excluded from a webhook.',
      labelNames: condition,
      registers,
    });
    this.#conditionDurations = new Histogram({
      name: 'apiserver_admission_match_condition_evaluation_seconds',
      help: 'How long evaluating the match conditions of a webhook took.',
      labelNames: condition,
      buckets: conditionBucketSeconds,
      registers,
    });
  }

  called({ name, phase, operation }: HookCall, ms: number, code: number, isRejected: boolean): void {
    const labels = { name, type: phase, operation, rejected: String(isRejected) };
    this.#requests.inc({ ...labels, code: Math.min(code, codeMax) });
    this.#durations.observe(labels, ms / 1000);
  }

  rejected({ name, phase, operation }: HookCall, error_type: RejectionCause, code: number): void {
    const rejection_code = Math.min(code, codeMax);
    this.#rejections.inc({ name, type: phase, operation, error_type, rejection_code });
  }

  failedOpen({ name, phase }: HookCall): void {
    this.#failOpen.inc({ name, type: phase });
  }

  conditionsEvaluated(call: HookCall, ms: number, errors: number): void {
    this.#conditionDurations.observe(conditionLabels(call), ms / 1000);
    if (errors > 0) this.#conditionErrors.inc(conditionLabels(call), errors);
  }

  conditionsExcluded(call: HookCall): void {
    this.#conditionExclusions.inc(conditionLabels(call));
  }
}

function conditionLabels({ name, phase, operation }: HookCall) {
  return { name, kind: 'webhook', type: phase, operation };
}
