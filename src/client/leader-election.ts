/**
 * Lets one of several processes act: it holds a Lease and renews it every 2 s. Who cannot renew for 10 s stops acting;
 * a lease not renewed for 15 s may be taken by another. Upstream's `leaderelection` with its defaults.
 */

import { leases } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import { StatusError } from '#api/status.ts';
import type { Lease } from '#api/types.gen.ts';
import { rfc3339Micro, sleep } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { Client } from './client.ts';

const leaseDurationMs = 15_000;
const renewDeadlineMs = 10_000;
const retryPeriodMs = 2_000;
const retryJitter = 1.2;

export interface LeaderElectionOptions {
  readonly env: Env;
  readonly client: Client;
  readonly namespace: string;
  readonly name: string;
  /** Unlike any other candidate's: host name and a UUID. */
  readonly identity: string;
  onStartedLeading(): void;
  /** Stop acting at once: another may lead already. The election goes on. */
  onStoppedLeading(): void;
}

export interface LeaderElection {
  readonly isLeader: boolean;
  /** Gives the lease back, so that the next leader need not wait. */
  stop(): Promise<void>;
}

export function runLeaderElection(options: LeaderElectionOptions): LeaderElection {
  const elector = new Elector(options);
  const running = elector.run();
  return {
    get isLeader() {
      return elector.isLeader;
    },
    async stop() {
      elector.stopping.abort();
      await running;
    },
  };
}

class Elector {
  isLeader = false;
  readonly stopping = new AbortController();
  private readonly options: LeaderElectionOptions;
  /** The lease as last seen, and when: other machines' clocks are not compared with ours. */
  private seen: { lease: Stored<Lease>; record: string; atMs: number } | undefined;
  private renewedAtMs = 0;

  constructor(options: LeaderElectionOptions) {
    this.options = options;
  }

  async run(): Promise<void> {
    const { env } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const holds = await this.tryAcquireOrRenew();
      const nowMs = env.clock.monotonicMs();
      if (holds) this.renewedAtMs = nowMs;
      if (holds && !this.isLeader && !signal.aborted) this.setLeader(true);
      if (!holds && this.isLeader && nowMs - this.renewedAtMs > renewDeadlineMs) this.setLeader(false);
      const delayMs = holds ? retryPeriodMs : retryPeriodMs * (1 + (retryJitter - 1) * env.random.float());
      await sleep(env.clock, delayMs, signal).catch(() => {});
    }
    if (!this.isLeader) return;
    this.setLeader(false);
    await this.release();
  }

  private setLeader(leading: boolean): void {
    this.isLeader = leading;
    if (leading) this.options.onStartedLeading();
    else this.options.onStoppedLeading();
  }

  private async tryAcquireOrRenew(): Promise<boolean> {
    try {
      const lease = await this.read();
      if (!lease) return await this.create();
      this.note(lease);
      const holder = lease.spec?.holderIdentity;
      if (holder && holder !== this.options.identity && !this.hasExpired()) {
        // Somebody else holds it: whatever we believed, we lead no more.
        if (this.isLeader) this.setLeader(false);
        return false;
      }
      return await this.take(lease);
    } catch (error) {
      this.options.env.log.debug('no lease this time', { error: String(error) });
      return false;
    }
  }

  private async read(): Promise<Stored<Lease> | undefined> {
    const { client, namespace, name } = this.options;
    try {
      return await client.get(leases, { namespace, name });
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return undefined;
      throw error;
    }
  }

  private async create(): Promise<boolean> {
    const { client, namespace, name, env } = this.options;
    const now = rfc3339Micro(env.clock.now());
    const spec = { ...this.claim(now), acquireTime: now, leaseTransitions: 0 };
    this.note(await client.create(leases, { metadata: { namespace, name }, spec }));
    return true;
  }

  private async take(lease: Stored<Lease>): Promise<boolean> {
    const { client, identity, env } = this.options;
    const now = rfc3339Micro(env.clock.now());
    const isOurs = lease.spec?.holderIdentity === identity;
    const transitions = lease.spec?.leaseTransitions ?? 0;
    const spec = {
      ...this.claim(now),
      acquireTime: (isOurs ? lease.spec?.acquireTime : undefined) ?? now,
      leaseTransitions: isOurs ? transitions : transitions + 1,
    };
    this.note(await client.update(leases, { ...lease, spec }));
    return true;
  }

  private claim(now: string) {
    return {
      holderIdentity: this.options.identity,
      leaseDurationSeconds: leaseDurationMs / 1000,
      renewTime: now,
    };
  }

  private note(lease: Stored<Lease>): void {
    const record = JSON.stringify(lease.spec);
    if (this.seen?.record === record) return;
    this.seen = { lease, record, atMs: this.options.env.clock.monotonicMs() };
  }

  private hasExpired(): boolean {
    const { seen } = this;
    if (!seen) return false;
    const durationMs = (seen.lease.spec?.leaseDurationSeconds ?? leaseDurationMs / 1000) * 1000;
    return this.options.env.clock.monotonicMs() - seen.atMs > durationMs;
  }

  private async release(): Promise<void> {
    const lease = this.seen?.lease;
    if (!lease) return;
    const now = rfc3339Micro(this.options.env.clock.now());
    const spec = {
      holderIdentity: '',
      leaseDurationSeconds: 1,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: lease.spec?.leaseTransitions ?? 0,
    };
    // When it fails the others wait for the lease to run out, as after a crash.
    await this.options.client.update(leases, { ...lease, spec }).catch(() => {});
  }
}
