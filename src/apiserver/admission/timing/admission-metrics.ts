/** How long admission takes: each plugin, and all plugins of a phase together, under upstream's names. */

import type { Registry } from 'prom-client';
import type { AdmissionOperation } from '../../contract/admission.ts';
import { DurationHistogram, type Durations } from '../../request/durations.ts';

const bucketSeconds = [0.005, 0.025, 0.1, 0.5, 1, 2.5];

export type Phase = 'admit' | 'validate';

/** Those that let an object in, and those that refused it. */
type ByRejection = Partial<Record<'true' | 'false', Durations>>;

/** Of one plugin, or of all together, for one operation. */
export class PhaseDurations {
  readonly #begin: (rejected: 'true' | 'false') => Durations;
  readonly #durations: ByRejection = {};

  constructor(begin: (rejected: 'true' | 'false') => Durations) {
    this.#begin = begin;
  }

  observe(ms: number, isRejected: boolean): void {
    const rejected = isRejected ? 'true' : 'false';
    this.#durations[rejected] ??= this.#begin(rejected);
    this.#durations[rejected].observe(ms);
  }
}

export class AdmissionMetrics {
  readonly #plugins: DurationHistogram;
  readonly #steps: DurationHistogram;
  /** By plugin, operation and phase. */
  readonly #known = new Map<string, PhaseDurations>();

  constructor(registry: Registry) {
    this.#plugins = new DurationHistogram({
      name: 'apiserver_admission_controller_admission_duration_seconds',
      help: 'How long an admission plugin took, by operation and phase.',
      bucketSeconds,
      registry,
    });
    this.#steps = new DurationHistogram({
      name: 'apiserver_admission_step_admission_duration_seconds',
      help: 'How long all admission plugins of a phase took, by operation.',
      bucketSeconds,
      registry,
    });
  }

  plugin(name: string, operation: AdmissionOperation, type: Phase): PhaseDurations {
    return this.#of(`${name} ${operation} ${type}`, (rejected) =>
      this.#plugins.begin({ name, operation, rejected, type }),
    );
  }

  step(operation: AdmissionOperation, type: Phase): PhaseDurations {
    return this.#of(`${operation} ${type}`, (rejected) => this.#steps.begin({ operation, rejected, type }));
  }

  #of(key: string, begin: (rejected: 'true' | 'false') => Durations): PhaseDurations {
    let known = this.#known.get(key);
    if (!known) {
      known = new PhaseDurations(begin);
      this.#known.set(key, known);
    }
    return known;
  }
}
