/** What admission asks of the request behind a write; most of it is asked only where a webhook is called. */

import type { RequestFacts } from '../contract/admission.ts';
import type { Exchange } from './exchange.ts';

export class ExchangeFacts implements RequestFacts {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  get verb(): string {
    return this.#exchange.info.verb;
  }

  get signal(): AbortSignal | undefined {
    return this.#exchange.request.signal;
  }

  options(): object {
    const { query } = this.#exchange.info;
    const dryRun = query.getAll('dryRun').filter((value) => value !== '');
    const fieldManager = query.get('fieldManager');
    const fieldValidation = query.get('fieldValidation');
    return {
      ...(dryRun.length > 0 ? { dryRun } : {}),
      ...(fieldManager ? { fieldManager } : {}),
      ...(fieldValidation ? { fieldValidation } : {}),
    };
  }

  timeLeftMs(): number | undefined {
    const { timeoutMs, startedMs, parts } = this.#exchange;
    return timeoutMs === undefined ? undefined : startedMs + timeoutMs - parts.env.clock.monotonicMs();
  }

  annotate(key: string, value: string, level?: 'Metadata' | 'Request'): void {
    this.#exchange.audit?.annotate(key, value, level);
  }
}
