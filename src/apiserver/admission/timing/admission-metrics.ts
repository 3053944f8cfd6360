/** How long admission takes: each plugin, and all plugins of a phase together, under upstream's names. */

import type { Registry } from 'prom-client';
import { Histogram, type Observations } from '#base/metrics/histogram.ts';
import type { AdmissionOperation } from '../../contract/admission.ts';
import { registered } from '../../contract/register-metrics.ts';

const bucketSeconds = [0.005, 0.025, 0.1, 0.5, 1, 2.5];

export type Phase = 'admit' | 'validate';

/** Those that let an object in, and those that refused it. */
type ByRejection = Partial<Record<'true' | 'false', Observations>>;

/** Of one plugin, or of all together, for one operation. */
export class PhaseDurations {
  readonly #begin: (rejected: 'true' | 'false') => Observations;
  readonly #durations: ByRejection = {};

  constructor(begin: (rejected: 'true' | 'false') => Observations) {
    this.#begin = begin;
  }

  observe(ms: number, isRejected: boolean): void {
    const rejected = isRejected ? 'true' : 'false';
    this.#durations[rejected] ??= this.#begin(rejected);
    this.#durations[rejected].observe(ms);
  }
}

export class AdmissionMetrics {
  readonly #plugins: Histogram;
  readonly #steps: Histogram;
  /** By plugin, operation and phase. */
  readonly #known = new Map<string, PhaseDurations>();

  constructor(registry: Registry) {
    this.#plugins = registered(
      registry,
      new Histogram({
        name: 'apiserver_admission_controller_admission_duration_seconds',
        help: 'How long an admission plugin took, by operation and phase.',
        bounds: bucketSeconds,
      }),
    );
    this.#steps = registered(
      registry,
      new Histogram({
        name: 'apiserver_admission_step_admission_duration_seconds',
        help: 'How long all admission plugins of a phase took, by operation.',
        bounds: bucketSeconds,
      }),
    );
  }

  plugin(name: string, operation: AdmissionOperation, type: Phase): PhaseDurations {
    return this.#of(`${name} ${operation} ${type}`, (rejected) =>
      this.#plugins.begin({ name, operation, rejected, type }),
    );
  }

  step(operation: AdmissionOperation, type: Phase): PhaseDurations {
    return this.#of(`${operation} ${type}`, (rejected) => this.#steps.begin({ operation, rejected, type }));
  }

  #of(key: string, begin: (rejected: 'true' | 'false') => Observations): PhaseDurations {
    let known = this.#known.get(key);
    if (!known) {
      known = new PhaseDurations(begin);
      this.#known.set(key, known);
    }
    return known;
  }
}
