/**
 * Leader election among the replicas of the operator, by a Lease: the leader renews it every two seconds, and
 * another replica takes it when it was not renewed for fifteen, as Kubernetes' own components do.
 *
 *   1. acquire: try until the lease is free, has expired, or is ours
 *   2. lead, and renew; give up when no renewal has succeeded for ten seconds
 *   3. lost: stop leading, and compete again; stopped: release the lease, so that the next leader need not wait
 */

import { type V1Lease, V1MicroTime } from '@kubernetes/client-node';
import type { Clock } from '../clock.ts';
import { type ClusterClient, ifFound } from '../cluster-client.ts';

const leaseDurationMs = 15_000;
const renewDeadlineMs = 10_000;
const retryPeriodMs = 2_000;

export interface Candidate {
  readonly client: Pick<ClusterClient, 'coordination'>;
  readonly clock: Clock;
  readonly lease: { readonly namespace: string; readonly name: string };
  /** Differs from that of every other candidate: the name of the pod. */
  readonly identity: string;
}

/** Runs `lead` each time that the candidate is elected, until `signal` aborts. `lead` ends when its signal aborts. */
export async function leadWhenElected(
  candidate: Candidate,
  signal: AbortSignal,
  lead: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const holder = new LeaseHolder(candidate);
  while (!signal.aborted) {
    if (!(await holder.acquire(signal))) continue;
    const term = new AbortController();
    const leading = lead(AbortSignal.any([signal, term.signal]));
    await holder.renewUntilLost(signal);
    term.abort();
    await leading;
  }
  await holder.release();
}

class LeaseHolder {
  readonly #candidate: Candidate;
  /** The lease as last read, and when: clocks of different machines are not compared. */
  #seen: { readonly version: string | undefined; readonly atMs: number } | undefined;
  #held: V1Lease | undefined;

  constructor(candidate: Candidate) {
    this.#candidate = candidate;
  }

  /** Resolves to false only when `signal` aborts. */
  async acquire(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (await this.#attempt(signal)) return true;
      await pause(this.#candidate.clock, retryPeriodMs, signal);
    }
    return false;
  }

  async renewUntilLost(signal: AbortSignal): Promise<void> {
    const { clock } = this.#candidate;
    let renewedMs = clock.now();
    while (!signal.aborted && clock.now() - renewedMs < renewDeadlineMs) {
      await pause(clock, retryPeriodMs, signal);
      if (await this.#attempt(signal)) renewedMs = clock.now();
      else if (!this.#held) return;
    }
  }

  async release(): Promise<void> {
    if (!this.#held) return;
    const spec = { ...this.#held.spec, holderIdentity: '', leaseDurationSeconds: 1 };
    await this.#replace({ ...this.#held, spec }).catch(() => {});
  }

  /** Whether the lease is held afterwards. A request that hangs must not prolong the leadership. */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    const over = new AbortController();
    const limit = AbortSignal.any([signal, over.signal]);
    const late = pause(this.#candidate.clock, renewDeadlineMs, limit).then(() => undefined);
    const held = await Promise.race([this.#take().catch(() => undefined), late]);
    over.abort();
    return held === true;
  }

  async #take(): Promise<boolean> {
    const { client, clock, lease, identity } = this.#candidate;
    const current = await ifFound(client.coordination.readNamespacedLease(lease));
    const nowMs = clock.now();
    if (!current) {
      const body = { metadata: lease, spec: this.#spec(undefined, nowMs) };
      this.#held = await client.coordination.createNamespacedLease({ namespace: lease.namespace, body });
      return true;
    }
    const holder = current.spec?.holderIdentity;
    if (holder && holder !== identity && !this.#hasExpired(current, nowMs)) {
      this.#held = undefined;
      return false;
    }
    this.#held = await this.#replace({ ...current, spec: this.#spec(current, nowMs) });
    return true;
  }

  #hasExpired({ metadata }: V1Lease, nowMs: number): boolean {
    if (this.#seen?.version !== metadata?.resourceVersion) {
      this.#seen = { version: metadata?.resourceVersion, atMs: nowMs };
    }
    return nowMs - this.#seen!.atMs > leaseDurationMs;
  }

  /** Fails with a conflict when another candidate was quicker: `lease` carries the version that was read. */
  #replace(lease: V1Lease): Promise<V1Lease> {
    return this.#candidate.client.coordination.replaceNamespacedLease({
      ...this.#candidate.lease,
      body: lease,
    });
  }

  #spec(current: V1Lease | undefined, nowMs: number): V1Lease['spec'] {
    const { identity } = this.#candidate;
    const now = new V1MicroTime(nowMs);
    const isRenewal = current?.spec?.holderIdentity === identity;
    const transitions = current?.spec?.leaseTransitions ?? 0;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: leaseDurationMs / 1_000,
      acquireTime: isRenewal ? current?.spec?.acquireTime : now,
      renewTime: now,
      leaseTransitions: current && !isRenewal ? transitions + 1 : transitions,
    };
  }
}

/** Also resolves when `signal` aborts: the loops above look at it. */
async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  await clock.sleep(ms, signal).catch(() => {});
}
