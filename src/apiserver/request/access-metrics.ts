/**
 * The metrics of authentication and authorization, under upstream's names. A request only adds to a number; the numbers
 * reach the registry when the metrics are read.
 */

import type { Registry } from 'prom-client';
import { Counter } from '#base/metrics/counter.ts';
import { Histogram } from '#base/metrics/histogram.ts';
import { registered } from '../contract/register-metrics.ts';

/** Upstream's: powers of two from a millisecond on. */
const bucketSeconds = Array.from({ length: 15 }, (_, power) => 0.001 * 2 ** power);

export type AuthenticationResult = 'success' | 'failure' | 'error';
export type AuthorizationResult = 'allowed' | 'denied' | 'no-opinion' | 'error';

const commonUsers = new Set([
  'admin',
  'client',
  'kube_proxy',
  'kubelet',
  'system:serviceaccount:kube-system:default',
]);

export class AccessMetrics {
  readonly #users: Counter;
  readonly #authentications: Results<AuthenticationResult>;
  readonly #authorizations: Results<AuthorizationResult>;

  constructor(registry: Registry) {
    const help = 'Authenticated requests, by kind of user.';
    this.#users = registered(registry, new Counter('authenticated_user_requests', help));
    this.#authentications = new Results({
      attempts: 'authentication_attempts',
      durations: 'authentication_duration_seconds',
      noun: 'Authentications',
      registry,
    });
    this.#authorizations = new Results({
      attempts: 'authorization_attempts_total',
      durations: 'authorization_duration_seconds',
      noun: 'Authorizations',
      registry,
    });
  }

  /** `username`: of a success. */
  authenticated(result: AuthenticationResult, ms: number, username?: string): void {
    if (username !== undefined) this.#users.of({ username: kindOfUser(username) }).value++;
    this.#authentications.add(result, ms);
  }

  authorized(result: AuthorizationResult, ms: number): void {
    this.#authorizations.add(result, ms);
  }
}

/** Names of users are not published, as upstream. */
function kindOfUser(username: string): string {
  if (commonUsers.has(username)) return username;
  return username.includes('@') ? 'email_id' : 'other';
}

interface ResultsOptions {
  readonly attempts: string;
  readonly durations: string;
  readonly noun: string;
  readonly registry: Registry;
}

class Results<Result extends string> {
  readonly #attempts: Counter;
  readonly #durations: Histogram;

  constructor({ attempts, durations, noun, registry }: ResultsOptions) {
    const help = `${noun}, by result.`;
    this.#attempts = registered(registry, new Counter(attempts, help));
    const howLong = `How long they took. ${help}`;
    this.#durations = registered(
      registry,
      new Histogram({ name: durations, help: howLong, bounds: bucketSeconds }),
    );
  }

  add(result: Result, ms: number): void {
    this.#attempts.of({ result }).value++;
    this.#durations.of({ result }).observe(ms);
  }
}
