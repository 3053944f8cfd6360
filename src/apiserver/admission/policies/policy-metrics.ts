/** Metrics of policy evaluations: counts and durations by outcome, under upstream's names. */

import { Counter, Histogram, type Registry } from 'prom-client';
import { outOfBudget } from './condition.ts';

const bucketSeconds = [0.0000005, 0.001, 0.01, 0.1, 1];

export type Enforcement = 'allow' | 'audit' | 'deny' | 'warn';

/** An evaluation of one expression of a policy for one of its bindings. */
export interface Check {
  readonly policy: string;
  readonly binding: string;
  readonly ms: number;
  /** The message of an error or a violation; undefined without one. */
  readonly error: string | undefined;
}

export class PolicyMetrics {
  readonly #validations: CheckMetrics;
  readonly #mutations: CheckMetrics;

  constructor(registry: Registry) {
    const validating = 'apiserver_validating_admission_policy';
    this.#validations = new CheckMetrics(registry, validating, ['enforcement_action']);
    this.#mutations = new CheckMetrics(registry, 'apiserver_mutating_admission_policy', []);
  }

  validated(check: Check, enforcement_action: Enforcement): void {
    this.#validations.observe(check, { enforcement_action });
  }

  mutated(check: Check): void {
    this.#mutations.observe(check, {});
  }
}

class CheckMetrics {
  readonly #total: Counter;
  readonly #durations: Histogram;

  constructor(registry: Registry, prefix: string, more: readonly string[]) {
    const labelNames = ['policy', 'policy_binding', 'error_type', ...more];
    this.#total = new Counter({
      name: `${prefix}_check_total`,
      help: 'Evaluations of expressions of policies, by policy and binding.',
      labelNames,
      registers: [registry],
    });
    this.#durations = new Histogram({
      name: `${prefix}_check_duration_seconds`,
      help: 'How long evaluating an expression of a policy took, by policy and binding.',
      labelNames,
      buckets: bucketSeconds,
      registers: [registry],
    });
  }

  observe({ policy, binding, ms, error }: Check, more: Readonly<Record<string, string>>): void {
    const labels = { policy, policy_binding: binding, error_type: errorType(error), ...more };
    this.#total.inc(labels);
    this.#durations.observe(labels, ms / 1000);
  }
}

/** By its message, as upstream: a validation that does not hold counts as `invalid_error`. */
function errorType(error: string | undefined): string {
  if (error === undefined) return 'no_error';
  if (error.startsWith('compilation')) return 'compile_error';
  return error.startsWith(outOfBudget) ? 'out_of_budget' : 'invalid_error';
}
