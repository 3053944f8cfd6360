/**
 * Whether the service proxy keeps up with the API, as kube-proxy reports it at its /healthz and /livez:
 * unhealthy while a change has been waiting for longer than `lateMs` to reach the kernel.
 */

import type { Node } from '#api/generated/types.gen.ts';
import type { Clock } from '#base/clock.ts';
import type { PlainAnswer } from '#host/http/http-listener.ts';

/** Twice kube-proxy's `syncPeriod`. */
const lateMs = 60_000;
/** Set by the cluster autoscaler on a node that it is about to remove: load balancers shall drain it. */
const toBeDeletedTaint = 'ToBeDeletedByClusterAutoscaler';

export class ProxyHealth {
  readonly #clock: Clock;
  #updatedMs = 0;
  /**
   * Monotonic time of the oldest change that has not reached the kernel: of the write under way, and of those
   * queued since.
   */
  #writtenSinceMs: number | undefined;
  #waitingSinceMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  queued(): void {
    this.#waitingSinceMs ??= this.#clock.monotonicMs();
  }

  /** Queued changes are being written. If that fails, their age keeps counting until a write succeeds. */
  writing(): void {
    this.#writtenSinceMs ??= this.#waitingSinceMs;
    this.#waitingSinceMs = undefined;
  }

  updated(): void {
    this.#writtenSinceMs = undefined;
    this.#updatedMs = this.#clock.now();
  }

  get isHealthy(): boolean {
    const sinceMs = this.#writtenSinceMs ?? this.#waitingSinceMs;
    return sinceMs === undefined || this.#clock.monotonicMs() - sinceMs < lateMs;
  }

  /** Also reflects the node: load balancers shall stop sending before it is removed. */
  healthz(node: Node | undefined): PlainAnswer {
    const nodeEligible = isEligible(node);
    return this.#answer(this.isHealthy && nodeEligible, { nodeEligible });
  }

  livez(): PlainAnswer {
    return this.#answer(this.isHealthy, {});
  }

  /** While healthy, `lastUpdated` is now: its readers expect a recent time. */
  #answer(isGood: boolean, extra: { nodeEligible?: boolean }): PlainAnswer {
    const now = this.#clock.now();
    const lastUpdated = new Date(this.#updatedMs).toISOString();
    const healthy = this.isHealthy;
    const body = {
      lastUpdated: isGood ? new Date(now).toISOString() : lastUpdated,
      currentTime: new Date(now).toISOString(),
      ...extra,
      healthy,
      status: { IPv4: { lastUpdated, healthy } },
    };
    const headers = { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' };
    return { status: isGood ? 200 : 503, headers, body: JSON.stringify(body) };
  }
}

function isEligible(node: Node | undefined): boolean {
  if (!node || node.metadata?.deletionTimestamp) return false;
  return !node.spec?.taints?.some(({ key }) => key === toBeDeletedTaint);
}
