/**
 * Leader election among processes: the leader holds a Lease and renews it every 2 s. A leader that cannot
 * renew for 10 s stops leading; a lease not renewed for 15 s may be taken by another candidate. Upstream's
 * `leaderelection` with its defaults.
 *
 *   1. acquire: try until the lease is free, has expired, or names this candidate
 *   2. lead, renewing; a renewal that fails or hangs is retried until the deadline
 *   3. lost, or stopped: stop leading, then compete again, or release the lease
 */

import { leases } from '#api/generated/kinds.gen.ts';
import type { Lease } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { pause, rfc3339Micro } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '../client.ts';
import type { EventRecorder } from '../events/recorder.ts';

const leaseDurationMs = 15_000;
const renewDeadlineMs = 10_000;
const retryPeriodMs = 2_000;
const retryJitter = 1.2;
const releaseLimitMs = 2_000;

export interface LeaderElectionOptions {
  readonly env: Env;
  readonly client: Client;
  /** Records changes of the leader as events of the lease. */
  readonly recorder?: EventRecorder;
  readonly namespace: string;
  readonly name: string;
  /**
   * Unique among the candidates. A process that restarts with its old identity continues with its own lease
   * at once.
   */
  readonly identity: string;
  onStartedLeading(): void;
  /**
   * Called to stop at once: another candidate may lead already. If it returns a promise, the election waits
   * for it.
   */
  onStoppedLeading(): unknown;
}

export interface LeaderElection {
  readonly isLeader: boolean;
  /**
   * Why this candidate neither leads nor knows the leader: where upstream's process has ended. Undefined for
   * one that waits.
   */
  readonly failure: string | undefined;
  /** Stops leading, then releases the lease, so that the next leader need not wait. */
  stop(): Promise<void>;
}

export function runLeaderElection(options: LeaderElectionOptions): LeaderElection {
  const elector = new Elector(options);
  const running = elector.run();
  return {
    get isLeader() {
      return elector.isLeader;
    },
    get failure() {
      return elector.failure;
    },
    async stop() {
      elector.stopping.abort();
      await running;
    },
  };
}

/**
 * The lease as last observed, and when by this machine's clock: clocks of different machines are not
 * compared.
 */
interface Seen {
  readonly lease: Stored<Lease>;
  readonly record: string;
  readonly atMs: number;
}

class Elector {
  isLeader = false;
  readonly stopping = new AbortController();
  readonly #options: LeaderElectionOptions;
  #seen: Seen | undefined;
  /** Error of the last attempt; undefined when it showed who holds the lease. */
  #trouble: string | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
  }

  get failure(): string | undefined {
    if (this.isLeader) return undefined;
    if (this.stopping.signal.aborted) return 'stopped';
    return this.#trouble && `lease ${this.#options.name}: ${this.#trouble}`;
  }

  async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.#acquire(signal);
      if (!signal.aborted) await this.#lead(signal);
    }
    if (!this.#isOurs) return;
    // Bounded: a server that does not answer must not block the process.
    const released = this.#release().catch((error: unknown) => this.#failed(error));
    await Promise.race([released, pause(this.#options.env.clock, releaseLimitMs)]);
  }

  async #acquire(signal: AbortSignal): Promise<void> {
    const { env } = this.#options;
    while (!signal.aborted) {
      if (await this.#attempt(renewDeadlineMs, signal)) return;
      await this.#pause(retryPeriodMs * (1 + (retryJitter - 1) * env.random.float()), signal);
    }
  }

  async #lead(signal: AbortSignal): Promise<void> {
    const { onStartedLeading, onStoppedLeading } = this.#options;
    this.isLeader = true;
    this.#report('became leader');
    onStartedLeading();
    await this.#pause(retryPeriodMs, signal);
    while (!signal.aborted && (await this.#renew(signal))) await this.#pause(retryPeriodMs, signal);
    this.isLeader = false;
    this.#report('stopped leading');
    await onStoppedLeading();
  }

  /**
   * Returns false when the deadline has passed, or another candidate holds the lease: this candidate no
   * longer leads.
   */
  async #renew(signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#options.env;
    const untilMs = clock.monotonicMs() + renewDeadlineMs;
    for (;;) {
      if (await this.#attempt(untilMs - clock.monotonicMs(), signal)) return true;
      if (signal.aborted || !this.#isOurs || clock.monotonicMs() >= untilMs) return false;
      await this.#pause(Math.min(retryPeriodMs, untilMs - clock.monotonicMs()), signal);
    }
  }

  /** One attempt, abandoned after `limitMs`: a request that hangs must not prolong leadership. */
  async #attempt(limitMs: number, signal: AbortSignal): Promise<boolean> {
    const over = new AbortController();
    const stop = AbortSignal.any([over.signal, signal]);
    const limit = pause(this.#options.env.clock, limitMs, stop);
    let trouble = 'no answer';
    const failed = (error: unknown) => {
      trouble = error instanceof Error ? error.message : String(error);
      return this.#failed(error);
    };
    const held = await Promise.race([this.#hold().catch(failed), limit]);
    this.#trouble = held ? undefined : trouble;
    over.abort();
    if (!held) return false;
    this.#note(held.lease);
    return held.isOurs;
  }

  #failed(error: unknown): undefined {
    const { env, name } = this.#options;
    env.log.debug('no lease this time', { lease: name, error: String(error) });
    return undefined;
  }

  /**
   * Returns the lease after this attempt, and whether this candidate holds it. Keeps no state: the caller may
   * have abandoned it.
   */
  async #hold(): Promise<{ lease: Stored<Lease>; isOurs: boolean }> {
    // As upstream: the holder of an unexpired lease writes it without reading it first.
    if (this.#seen && this.#isOurs && !hasRunOut(this.#seen, this.#nowMs)) {
      const renewed = await this.#take(this.#seen.lease).catch(() => undefined);
      if (renewed) return { lease: renewed, isOurs: true };
    }
    const lease = await this.#read();
    if (!lease) return { lease: await this.#create(), isOurs: true };
    const holder = lease.spec?.holderIdentity;
    const seen = seenAt(this.#seen, lease, this.#nowMs);
    const isFree = !holder || holder === this.#options.identity || hasRunOut(seen, this.#nowMs);
    return isFree ? { lease: await this.#take(lease), isOurs: true } : { lease, isOurs: false };
  }

  async #read(): Promise<Stored<Lease> | undefined> {
    const { client, namespace, name } = this.#options;
    try {
      return await client.get(leases, { namespace, name });
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return undefined;
      throw error;
    }
  }

  #create(): Promise<Stored<Lease>> {
    const { client, namespace, name, env } = this.#options;
    const now = rfc3339Micro(env.clock.now());
    const spec = { ...this.#claim(now), acquireTime: now, leaseTransitions: 0 };
    return client.create(leases, { metadata: { namespace, name }, spec });
  }

  #take(lease: Stored<Lease>): Promise<Stored<Lease>> {
    const { client, identity, env } = this.#options;
    const now = rfc3339Micro(env.clock.now());
    const isOurs = lease.spec?.holderIdentity === identity;
    const transitions = lease.spec?.leaseTransitions ?? 0;
    const spec = {
      ...this.#claim(now),
      acquireTime: (isOurs ? lease.spec?.acquireTime : undefined) ?? now,
      leaseTransitions: isOurs ? transitions : transitions + 1,
    };
    return client.update(leases, { ...lease, spec });
  }

  #claim(now: string) {
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: leaseDurationMs / 1000,
      renewTime: now,
    };
  }

  get #nowMs(): number {
    return this.#options.env.clock.monotonicMs();
  }

  get #isOurs(): boolean {
    return this.#seen?.lease.spec?.holderIdentity === this.#options.identity;
  }

  #note(lease: Stored<Lease>): void {
    this.#seen = seenAt(this.#seen, lease, this.#nowMs);
  }

  #report(what: string): void {
    const { recorder, identity, env, name } = this.#options;
    env.log.info(what, { lease: name, identity });
    if (this.#seen) recorder?.event(this.#seen.lease, 'Normal', 'LeaderElection', `${identity} ${what}`);
  }

  #pause(delayMs: number, signal: AbortSignal): Promise<void> {
    return pause(this.#options.env.clock, delayMs, signal);
  }

  /** If this fails, the other candidates wait until the lease expires, as after a crash. */
  async #release(): Promise<void> {
    const { client, identity, env, recorder } = this.#options;
    // Read again: an abandoned renewal may have succeeded.
    const lease = await this.#read();
    if (lease?.spec?.holderIdentity === identity) {
      const now = rfc3339Micro(env.clock.now());
      const { leaseTransitions = 0 } = lease.spec;
      const times = { leaseDurationSeconds: 1, acquireTime: now, renewTime: now };
      await client.update(leases, { ...lease, spec: { holderIdentity: '', ...times, leaseTransitions } });
    }
    await recorder?.flushed();
  }
}

/** An unchanged record keeps the time at which it was first observed. */
function seenAt(before: Seen | undefined, lease: Stored<Lease>, nowMs: number): Seen {
  const record = JSON.stringify(lease.spec);
  return { lease, record, atMs: before?.record === record ? before.atMs : nowMs };
}

function hasRunOut({ lease, atMs }: Seen, nowMs: number): boolean {
  const durationMs = (lease.spec?.leaseDurationSeconds ?? leaseDurationMs / 1000) * 1000;
  return nowMs - atMs > durationMs;
}
