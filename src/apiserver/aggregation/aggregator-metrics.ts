/** The metrics of upstream's aggregator: which APIServices are unavailable. */

import { Counter, Gauge, type Registry } from 'prom-client';

export class AggregatorMetrics {
  readonly #unavailable: Gauge<'name'>;
  readonly #total: Counter<'name' | 'reason'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#unavailable = new Gauge({
      name: 'aggregator_unavailable_apiservice',
      help: '[ALPHA] Gauge of APIServices which are marked as unavailable broken down by APIService name.',
      labelNames: ['name'],
      registers,
    });
    this.#total = new Counter({
      name: 'aggregator_unavailable_apiservice_total',
      help: '[ALPHA] Counter of APIServices which are marked as unavailable broken down by APIService name and reason.',
      labelNames: ['name', 'reason'],
      registers,
    });
  }

  set(name: string, isAvailable: boolean): void {
    this.#unavailable.set({ name }, isAvailable ? 0 : 1);
  }

  becameUnavailable(name: string, reason: string): void {
    this.#total.inc({ name, reason });
  }

  forget(name: string): void {
    this.#unavailable.remove({ name });
  }
}
