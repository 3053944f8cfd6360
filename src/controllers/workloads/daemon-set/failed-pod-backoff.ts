/**
 * How long a DaemonSet waits before it replaces another failed pod on the same node: from a second, doubling
 * to a quarter of an hour, so that it does not race with a kubelet that refuses its pods.
 */

import type { Clock } from '#base/clock.ts';

const initialMs = 1_000;
const maxMs = 15 * 60_000;
const forgottenAfterMs = 2 * maxMs;

interface Failure {
  readonly waitMs: number;
  readonly atMs: number;
}

export class FailedPodWaits {
  readonly #clock: Clock;
  readonly #byOwner = new Map<string, Map<string, Failure>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  leftMs(owner: string, node: string): number {
    const failure = this.#recent(owner, node);
    return failure ? Math.max(0, failure.atMs + failure.waitMs - this.#clock.monotonicMs()) : 0;
  }

  failedOn(owner: string, node: string): void {
    const before = this.#recent(owner, node);
    const waitMs = before ? Math.min(before.waitMs * 2, maxMs) : initialMs;
    const nodes = this.#byOwner.get(owner) ?? new Map<string, Failure>();
    this.#byOwner.set(owner, nodes.set(node, { waitMs, atMs: this.#clock.monotonicMs() }));
  }

  forget(owner: string): void {
    this.#byOwner.delete(owner);
  }

  #recent(owner: string, node: string): Failure | undefined {
    const failure = this.#byOwner.get(owner)?.get(node);
    if (!failure || this.#clock.monotonicMs() - failure.atMs <= forgottenAfterMs) return failure;
    this.#byOwner.get(owner)?.delete(node);
    return undefined;
  }
}
