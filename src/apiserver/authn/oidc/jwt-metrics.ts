/** Upstream's metrics of the authenticator of JSON Web Tokens; issuers and key sets appear as their hashes. */

import { createHash } from 'node:crypto';
import { Gauge, Histogram, type Registry } from 'prom-client';

const bucketSeconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const prefix = 'apiserver_authentication_jwt_authenticator';
/** A server without an identity of its own, in upstream's words. */
const server = { apiserver_id_hash: '' };

export class JwtMetrics {
  readonly #latency: Histogram;
  readonly #fetched: Gauge;
  readonly #keySet: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#latency = new Histogram({
      name: `${prefix}_latency_seconds`,
      help: 'Seconds that a token took which was not cached.',
      labelNames: ['result', 'jwt_issuer_hash'],
      buckets: bucketSeconds,
      registers,
    });
    this.#fetched = new Gauge({
      name: `${prefix}_jwks_fetch_last_timestamp_seconds`,
      help: 'When the keys of an issuer were last asked for, by result.',
      labelNames: ['result', 'jwt_issuer_hash', 'apiserver_id_hash'],
      registers,
    });
    this.#keySet = new Gauge({
      name: `${prefix}_jwks_fetch_last_key_set_info`,
      help: 'The hash of the keys of an issuer.',
      labelNames: ['jwt_issuer_hash', 'apiserver_id_hash', 'hash'],
      registers,
    });
  }

  authenticated(issuer: string, result: 'success' | 'failure', ms: number): void {
    this.#latency.observe({ result, jwt_issuer_hash: hashOf(issuer) }, ms / 1000);
  }

  /** `keySet`: as it came; undefined where it did not come. */
  fetched(issuer: string, keySet: string | undefined, nowMs: number): void {
    const labels = { jwt_issuer_hash: hashOf(issuer), ...server };
    this.#fetched.set({ result: keySet === undefined ? 'failure' : 'success', ...labels }, nowMs / 1000);
    if (keySet === undefined) return;
    this.#keySet.remove({ ...labels, hash: this.#hashes.get(issuer) ?? '' });
    const hash = hashOf(keySet);
    this.#hashes.set(issuer, hash);
    this.#keySet.set({ ...labels, hash }, 1);
  }

  /** The issuer is no longer trusted. */
  forget(issuer: string): void {
    const labels = { jwt_issuer_hash: hashOf(issuer), ...server };
    for (const result of ['success', 'failure']) this.#fetched.remove({ result, ...labels });
    this.#keySet.remove({ ...labels, hash: this.#hashes.get(issuer) ?? '' });
    this.#hashes.delete(issuer);
  }

  readonly #hashes = new Map<string, string>();
}

function hashOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
