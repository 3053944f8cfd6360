/** How requests are taken, as the arguments of the API server have it. */

import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';

export interface RequestSettings {
  /** Requests wait by priority and fairness; else they are limited in number alone. */
  readonly isFair: boolean;
  /** Under way at once; together they are the seats of priority and fairness. */
  readonly readOnlyMax: number;
  readonly mutatingMax: number;
  readonly timeoutMs: number;
  /** 0: a watch lasts until its client ends it. */
  readonly watchSecondsMin: number;
  /** Deletions under way at once for one DELETE of a collection. */
  readonly deletionsMax: number;
  readonly goawayChance: number;
  /** Regular expressions. */
  readonly allowedOrigins: readonly string[];
  /** Directives of `Strict-Transport-Security`. */
  readonly strictTransport: readonly string[];
  readonly livezGraceMs: number;
}

/** Throws an Error for settings that exclude each other. */
export function requestSettings(given: ApiServerArguments = {}): RequestSettings {
  const settings = {
    isFair: given['enable-priority-and-fairness'] ?? true,
    readOnlyMax: given['max-requests-inflight'] ?? 400,
    mutatingMax: given['max-mutating-requests-inflight'] ?? 200,
    timeoutMs: given['request-timeout'] ?? 60_000,
    // Half an hour to an hour, so that connections spread over servers.
    watchSecondsMin: given['min-request-timeout'] ?? 1800,
    // Deletions under way at the same time share the store's group commits.
    deletionsMax: given['delete-collection-workers'] ?? 64,
    goawayChance: given['goaway-chance'] ?? 0,
    allowedOrigins: given['cors-allowed-origins'] ?? [],
    strictTransport: given['strict-transport-security-directives'] ?? [],
    livezGraceMs: given['livez-grace-period'] ?? 0,
  };
  const { isFair, readOnlyMax, mutatingMax } = settings;
  if (isFair && readOnlyMax + mutatingMax <= 0) {
    throw new Error(
      `invalid configuration: max-requests-inflight=${readOnlyMax} and max-mutating-requests-inflight=${mutatingMax}: ` +
        'together they must be above 0 with enable-priority-and-fairness',
    );
  }
  return settings;
}
