/**
 * Pods waiting for a node: ready ones by priority then age, failed ones until an event may have helped them.
 *
 *   active to be tried now
 *   backoff to be tried after 1 s, doubling to 10 s, unless configured otherwise; earlier when nothing else is active
 *   parked no node fits; moved by an event that a rejecting plugin says may help, or after five minutes
 *   gated kept out altogether by a plugin (scheduling gates)
 */

import { type BackOffLimits, backOffMs } from '#base/back-off.ts';
import type { Clock, Timer } from '#base/clock.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { ClusterEvent, SchedulerPlugin } from '../framework.ts';
import { entryEvents, eventLabel } from './entry-events.ts';
import { Heap } from './heap.ts';
import { anyEvent, Hints, type QueueProfile, waiterKey, waiterKeys } from './hints.ts';
import { Sweeps } from './sweeps.ts';

const parkedMaxMs = 300_000;
const flushEveryMs = 30_000;
const sweptAtOnceMax = 1_000;

export interface QueuedPod {
  info: PodInfo;
  attempts: number;
  /** Monotonic time at which it entered the queue. */
  queuedAtMs: number;
  /** Monotonic time of its first attempt; 0 before. */
  firstTriedMs: number;
  retryAtMs: number;
  sequence: number;
  /** The plugins that rejected it last time; empty when none did. */
  rejectedBy: ReadonlySet<string>;
  /** The last attempt ended in an error: the back-off must pass in full. */
  afterError: boolean;
}

/** Called with each pod that comes into a queue: which, and upstream's name of what brought it there. */
export type OnEntry = (queue: 'active' | 'backoff' | 'unschedulable', event: string) => void;

export interface QueueOptions {
  readonly clock: Clock;
  readonly profiles: readonly QueueProfile[];
  readonly backOff: BackOffLimits;
  /** Called when there is something to pop. */
  readonly onReady: () => void;
  readonly onEntry?: OnEntry;
}

export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #profiles: readonly QueueProfile[];
  readonly #gates: ReadonlyMap<string, readonly SchedulerPlugin[]>;
  readonly #hints: Hints;
  readonly #backOff: BackOffLimits;
  readonly #onReady: () => void;
  readonly #active = new Heap<QueuedPod>(keyOf, readyBefore);
  readonly #backoff = new Heap<QueuedPod>(keyOf, (a, b) => a.retryAtMs < b.retryAtMs);
  readonly #parked = new Map<string, QueuedPod>();
  readonly #parkedBy = new Map<string, Set<QueuedPod>>();
  readonly #gated = new Map<string, QueuedPod>();
  readonly #sweeps = new Sweeps<QueuedPod>({
    items: () => this.#parked.values(),
    isThere: (queued) => this.#parked.get(queued.info.key) === queued,
    take: (queued) => this.#release(queued),
  });
  readonly #onEntry: OnEntry;
  #sequence = 0;
  /** Upstream's name of what moves pods between the queues now. */
  #cause: string = entryEvents.podAdd;
  #backoffTimer: Timer | undefined;
  #flushTimer: Timer;

  constructor({ clock, profiles, backOff, onReady, onEntry = () => {} }: QueueOptions) {
    this.#clock = clock;
    this.#onEntry = onEntry;
    this.#profiles = profiles;
    this.#backOff = backOff;
    this.#onReady = onReady;
    this.#hints = new Hints(profiles);
    const gatesOf = ({ plugins }: QueueProfile) => plugins.filter((plugin) => plugin.preEnqueue);
    this.#gates = new Map(profiles.map((profile) => [profile.schedulerName, gatesOf(profile)]));
    this.#flushTimer = clock.after(flushEveryMs, () => this.#flushOld());
  }

  stop(): void {
    this.#backoffTimer?.cancel();
    this.#flushTimer.cancel();
  }

  counts(): { active: number; backoff: number; unschedulable: number; gated: number } {
    return {
      active: this.#active.size,
      backoff: this.#backoff.size,
      unschedulable: this.#parked.size,
      gated: this.#gated.size,
    };
  }

  /** How many parked pods each plugin keeps from being scheduled: those that have kept one. */
  parkedBy(): { profile: string; plugin: string; pods: number }[] {
    return this.#profiles.flatMap(({ schedulerName: profile, plugins }) =>
      [...new Set(plugins.map(({ name }) => name))].flatMap((plugin) => {
        const waiting = this.#parkedBy.get(waiterKey(profile, plugin));
        return waiting ? [{ profile, plugin, pods: waiting.size }] : [];
      }),
    );
  }

  add(info: PodInfo): void {
    this.remove(info.key);
    this.#cause = entryEvents.podAdd;
    this.#enter({
      info,
      attempts: 0,
      queuedAtMs: this.#clock.monotonicMs(),
      firstTriedMs: 0,
      retryAtMs: 0,
      sequence: this.#sequence++,
      rejectedBy: new Set(),
      afterError: false,
    });
  }

  /** A waiting pod changed; `meaningful` when more than its status did: then it is tried again. */
  update(info: PodInfo, meaningful: boolean): void {
    const waiting = this.#active.get(info.key) ?? this.#backoff.get(info.key);
    if (waiting) {
      waiting.info = info;
      if (this.#active.get(info.key)) this.#active.push(waiting);
      return;
    }
    const held = this.#parked.get(info.key) ?? this.#gated.get(info.key);
    if (!held) return;
    held.info = info;
    if (!meaningful) return;
    this.#unpark(held);
    this.#gated.delete(info.key);
    this.#cause = entryEvents.podUpdate;
    this.#moveOn(held);
  }

  has(key: string): boolean {
    return (
      this.#active.get(key) !== undefined ||
      this.#backoff.get(key) !== undefined ||
      this.#parked.has(key) ||
      this.#gated.has(key)
    );
  }

  remove(key: string): void {
    this.#active.remove(key);
    this.#backoff.remove(key);
    this.#gated.delete(key);
    const parked = this.#parked.get(key);
    if (parked) this.#unpark(parked);
  }

  /** The next pod to try. A pod in back-off is taken when no other is active. */
  pop(): QueuedPod | undefined {
    const next = this.#active.pop() ?? this.#popEarly();
    if (!next) return undefined;
    if (next.attempts === 0) next.firstTriedMs = this.#clock.monotonicMs();
    next.attempts++;
    return next;
  }

  /** No node fits the pod. */
  park(queued: QueuedPod, rejectedBy: ReadonlySet<string>): void {
    queued.rejectedBy = rejectedBy;
    queued.afterError = false;
    queued.queuedAtMs = this.#clock.monotonicMs();
    this.#parked.set(queued.info.key, queued);
    this.#onEntry('unschedulable', entryEvents.attemptFailure);
    for (const waiter of waiterKeys(queued.info, queued.rejectedBy)) {
      const set = this.#parkedBy.get(waiter);
      if (set) set.add(queued);
      else this.#parkedBy.set(waiter, new Set([queued]));
    }
  }

  /**
   * An error that the cluster's state did not cause: tried again after its back-off, regardless of events.
   */
  retry(queued: QueuedPod): void {
    queued.rejectedBy = new Set();
    queued.afterError = true;
    queued.queuedAtMs = this.#clock.monotonicMs();
    this.#cause = entryEvents.attemptFailure;
    this.#startBackoff(queued);
  }

  /** Moves the parked pods that this event may help; when there are very many, in steps. */
  onEvent(event: ClusterEvent): void {
    if (this.#parked.size === 0) return;
    const cause = eventLabel(event.kind);
    if (this.#isLarge) {
      this.#sweepFor(({ info, rejectedBy }) => this.#hints.mayHelp(info, rejectedBy, event), cause);
      return;
    }
    this.#cause = cause;
    for (const queued of [...(this.#parkedBy.get(anyEvent) ?? [])]) this.#release(queued);
    for (const { waiter, hint } of this.#hints.of(event.kind)) {
      const waiting = this.#parkedBy.get(waiter);
      if (!waiting || waiting.size === 0) continue;
      for (const queued of [...waiting]) {
        if (hint.helps && !hint.helps(queued.info, event)) continue;
        this.#release(queued);
      }
    }
  }

  /** Does one step of a pending sweep; false when none is pending. */
  sweep(): boolean {
    if (this.#sweeps.isIdle) return false;
    this.#sweeps.step();
    return true;
  }

  get #isLarge(): boolean {
    return this.#parked.size > sweptAtOnceMax || !this.#sweeps.isIdle;
  }

  #sweepFor(question: (queued: QueuedPod) => boolean, cause: string): void {
    this.#sweeps.add((queued) => {
      this.#cause = cause;
      return question(queued);
    });
    this.#onReady();
  }

  #popEarly(): QueuedPod | undefined {
    const next = this.#backoff.peek();
    if (!next || next.afterError) return undefined;
    this.#onEntry('active', entryEvents.earlyPop);
    return this.#backoff.pop();
  }

  #moveOn(queued: QueuedPod): void {
    if (queued.attempts > 0 && this.#retryAtMs(queued) > this.#clock.monotonicMs()) {
      this.#startBackoff(queued);
    } else {
      this.#enter(queued);
    }
  }

  #enter(queued: QueuedPod): void {
    if (this.#gates.get(queued.info.schedulerName)?.some((plugin) => plugin.preEnqueue?.(queued.info))) {
      this.#gated.set(queued.info.key, queued);
      return;
    }
    this.#active.push(queued);
    this.#onEntry('active', this.#cause);
    this.#onReady();
  }

  #retryAtMs(queued: QueuedPod): number {
    return queued.queuedAtMs + backOffMs(this.#backOff, queued.attempts);
  }

  #startBackoff(queued: QueuedPod): void {
    queued.retryAtMs = this.#retryAtMs(queued);
    this.#backoff.push(queued);
    this.#onEntry('backoff', this.#cause);
    if (this.#backoff.peek() === queued) this.#armBackoff();
    if (!queued.afterError) this.#onReady();
  }

  #armBackoff(): void {
    this.#backoffTimer?.cancel();
    const next = this.#backoff.peek();
    if (!next) return;
    const delayMs = Math.max(0, next.retryAtMs - this.#clock.monotonicMs());
    this.#backoffTimer = this.#clock.after(delayMs, () => this.#flushBackoff());
  }

  #flushBackoff(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#cause = entryEvents.backoffComplete;
    for (let next = this.#backoff.peek(); next && next.retryAtMs <= nowMs; next = this.#backoff.peek()) {
      this.#backoff.pop();
      this.#enter(next);
    }
    this.#armBackoff();
  }

  #flushOld(): void {
    const oldestMs = this.#clock.monotonicMs() - parkedMaxMs;
    const isOld = (queued: QueuedPod) => queued.queuedAtMs <= oldestMs;
    this.#cause = entryEvents.parkedTooLong;
    if (this.#isLarge) this.#sweepFor(isOld, entryEvents.parkedTooLong);
    else for (const queued of [...this.#parked.values()]) if (isOld(queued)) this.#release(queued);
    this.#flushTimer = this.#clock.after(flushEveryMs, () => this.#flushOld());
  }

  #release(queued: QueuedPod): void {
    this.#unpark(queued);
    this.#moveOn(queued);
  }

  #unpark(queued: QueuedPod): void {
    this.#parked.delete(queued.info.key);
    for (const waiter of waiterKeys(queued.info, queued.rejectedBy)) {
      this.#parkedBy.get(waiter)?.delete(queued);
    }
  }
}

function keyOf(queued: QueuedPod): string {
  return queued.info.key;
}

function readyBefore(a: QueuedPod, b: QueuedPod): boolean {
  if (a.info.priority !== b.info.priority) return a.info.priority > b.info.priority;
  if (a.queuedAtMs !== b.queuedAtMs) return a.queuedAtMs < b.queuedAtMs;
  return a.sequence < b.sequence;
}
