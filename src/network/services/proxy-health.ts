/**
 * Whether the service proxy keeps up with the API, as kube-proxy says it at its /healthz and /livez: unhealthy while a
 * change has been waiting for longer than `lateMs` to reach the kernel.
 */

import type { Node } from '#api/generated/types.gen.ts';
import type { Clock } from '#base/clock.ts';
import type { PlainAnswer } from '#host/http/http-listener.ts';

/** Twice kube-proxy's `syncPeriod`. */
const lateMs = 60_000;
/** The autoscaler's sign on a node that it is about to remove: load balancers shall drain it. */
const toBeDeletedTaint = 'ToBeDeletedByClusterAutoscaler';

export class ProxyHealth {
  readonly #clock: Clock;
  #updatedMs = 0;
  /** When the oldest change came that is not in the kernel yet, on the monotonic clock: one that is being written, one that waits. */
  #writtenSinceMs: number | undefined;
  #waitingSinceMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  queued(): void {
    this.#waitingSinceMs ??= this.#clock.monotonicMs();
  }

  /** What has been queued is read and written now; when that fails, it goes on to count until a later write succeeds. */
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

  /** Of the node, too: what sends traffic here shall stop before the node goes. */
  healthz(node: Node | undefined): PlainAnswer {
    const nodeEligible = isEligible(node);
    return this.#answer(this.isHealthy && nodeEligible, { nodeEligible });
  }

  livez(): PlainAnswer {
    return this.#answer(this.isHealthy, {});
  }

  /** While all is well, `lastUpdated` is now: what reads it looks for a recent time. */
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
