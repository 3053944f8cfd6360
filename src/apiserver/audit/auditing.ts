/** Applies the audit policy to each request, and sends the events of recorded requests to the backends. */

import type { Registry } from 'prom-client';
import type { Env } from '#base/env.ts';
import type { AuditMetrics } from './audit-metrics.ts';
import { type AuditedArrival, AuditedRequest, type EventReceiver } from './audited-request.ts';
import type { AuditEvent } from './event.ts';
import { type AuditConfig, type AuditedAttributes, type Policy, policyEvaluator } from './policy.ts';
import type { AuditSink } from './sink.ts';

export interface AuditingOptions {
  readonly env: Pick<Env, 'clock' | 'log'>;
  readonly policy: Policy;
  readonly sink: AuditSink;
  readonly metrics: AuditMetrics;
}

export class Auditing implements EventReceiver {
  readonly #options: AuditingOptions;
  readonly #evaluate: (attributes: AuditedAttributes) => AuditConfig;

  constructor(options: AuditingOptions) {
    this.#options = options;
    this.#evaluate = policyEvaluator(options.policy);
  }

  register(registry: Registry): void {
    this.#options.metrics.register(registry);
  }

  /** Undefined for a request that is not recorded. */
  begin(attributes: AuditedAttributes, arrival: () => AuditedArrival): AuditedRequest | undefined {
    const config = this.#evaluate(attributes);
    this.#options.metrics.levels.inc({ level: config.level });
    return config.level === 'None' ? undefined : new AuditedRequest(this, config, arrival());
  }

  process(event: AuditEvent): boolean | Promise<boolean> {
    this.#options.metrics.events.inc();
    return this.#options.sink.process([event]);
  }

  now(): number {
    return this.#options.env.clock.now();
  }

  rejected(): void {
    this.#options.metrics.rejected.inc();
  }

  warnOfAnnotation(auditId: string, key: string): void {
    this.#options.env.log.warn('an audit annotation is set already and stays', { auditId, key });
  }

  close(): Promise<void> {
    return this.#options.sink.close();
  }
}
