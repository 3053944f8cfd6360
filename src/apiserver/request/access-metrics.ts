/**
 * The metrics of authentication and authorization, under upstream's names. A request only adds to a number; the numbers
 * reach the registry when the metrics are read.
 */

import type { Registry } from 'prom-client';
import { type Count, Counter } from '#base/metrics/counter.ts';
import { Histogram, type Observations } from '#base/metrics/histogram.ts';
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
  readonly #users: Counts;
  readonly #authentications: Results<AuthenticationResult>;
  readonly #authorizations: Results<AuthorizationResult>;

  constructor(registry: Registry) {
    const help = 'Authenticated requests, by kind of user.';
    this.#users = new Counts({ name: 'authenticated_user_requests', help, label: 'username', registry });
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
    if (username !== undefined) this.#users.add(kindOfUser(username));
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

interface CountsOptions {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  readonly registry: Registry;
}

/** A counter with one label, whose series are made as values appear. */
class Counts {
  readonly #label: string;
  readonly #counter: Counter;
  readonly #counts = new Map<string, Count>();

  constructor({ name, help, label, registry }: CountsOptions) {
    this.#label = label;
    this.#counter = registered(registry, new Counter(name, help));
  }

  add(value: string): void {
    const count = this.#counts.get(value) ?? this.#begin(value);
    count.value++;
  }

  #begin(value: string): Count {
    const count = this.#counter.begin({ [this.#label]: value });
    this.#counts.set(value, count);
    return count;
  }
}

interface ResultsOptions {
  readonly attempts: string;
  readonly durations: string;
  readonly noun: string;
  readonly registry: Registry;
}

class Results<Result extends string> {
  readonly #attempts: Counts;
  readonly #durations: Histogram;
  readonly #series = new Map<Result, Observations>();

  constructor({ attempts, durations, noun, registry }: ResultsOptions) {
    const help = `${noun}, by result.`;
    this.#attempts = new Counts({ name: attempts, help, label: 'result', registry });
    const howLong = `How long they took. ${help}`;
    this.#durations = registered(
      registry,
      new Histogram({ name: durations, help: howLong, bounds: bucketSeconds }),
    );
  }

  add(result: Result, ms: number): void {
    this.#attempts.add(result);
    let series = this.#series.get(result);
    if (!series) {
      series = this.#durations.begin({ result });
      this.#series.set(result, series);
    }
    series.observe(ms);
  }
}
