/**
 * Pods waiting for a node: ready ones by priority then age, failed ones until an event may have helped them.
 *
 *   active to be tried now
 *   backoff to be tried after 1 s, doubling to 10 s, unless configured otherwise; earlier when nothing else is active
 *   parked no node fits; moved by an event that a rejecting plugin says may help, or after five minutes
 *   gated kept out altogether by a plugin (scheduling gates, claims for devices that do not exist yet)
 */

import type { Clock, Timer } from '#base/clock.ts';
import { noListers } from '../cache/listers.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { ClusterEvent } from '../framework.ts';
import { BackoffPods } from './backoff-pods.ts';
import { entryEvents, eventLabel, type OnEntry } from './entry-events.ts';
import { GatedPods } from './gated-pods.ts';
import { Heap } from './heap.ts';
import { anyEvent, Hints } from './hints.ts';
import { Followers, type MissedEvents } from './missed-events.ts';
import { ParkedPods } from './parked-pods.ts';
import type { QueueOptions } from './queue-options.ts';
import { isReadyBefore, keyOf, newQueued, type QueuedPod } from './queued-pod.ts';
import type { Sweeps } from './sweeps.ts';

const parkedMaxMs = 300_000;
const flushEveryMs = 30_000;

export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #hints: Hints;
  readonly #onReady: () => void;
  readonly #active = new Heap<QueuedPod>(keyOf, isReadyBefore);
  readonly #backoff: BackoffPods;
  readonly #parked: ParkedPods;
  readonly #gated: GatedPods;
  readonly #sweeps: Sweeps<QueuedPod>;
  readonly #onEntry: OnEntry;
  #sequence = 0;
  /** Upstream's name of what moves pods between the queues now. */
  #cause: string = entryEvents.podAdd;
  readonly #followers = new Followers();
  #flushTimer: Timer;

  constructor({ clock, profiles, backOff, onReady, onEntry = () => {}, listers = noListers }: QueueOptions) {
    this.#clock = clock;
    this.#onEntry = onEntry;
    this.#onReady = onReady;
    this.#parked = new ParkedPods(profiles);
    this.#hints = new Hints(profiles, listers);
    this.#backoff = new BackoffPods({ clock, limits: backOff, onDue: () => this.#flushBackoff() });
    this.#gated = new GatedPods(profiles, listers);
    this.#sweeps = this.#parked.sweeps((queued) => this.#release(queued));
    this.#flushTimer = clock.after(flushEveryMs, () => this.#flushOld());
  }

  stop(): void {
    this.#backoff.stop();
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
    return this.#parked.countsByPlugin();
  }

  add(info: PodInfo): void {
    this.remove(info.key);
    this.#cause = entryEvents.podAdd;
    this.#enter(newQueued(info, this.#clock.monotonicMs(), this.#sequence++));
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
    if (held) held.info = info;
    if (!held || !meaningful) return;
    this.#parked.remove(held);
    this.#gated.remove(info.key);
    this.#cause = entryEvents.podUpdate;
    this.#moveOn(held);
  }

  has(key: string): boolean {
    return [this.#active, this.#backoff, this.#parked, this.#gated].some((pods) => pods.get(key));
  }

  remove(key: string): void {
    this.#active.remove(key);
    this.#backoff.remove(key);
    this.#gated.remove(key);
    this.#parked.removeKey(key);
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
    this.#parked.add(queued);
    this.#onEntry('unschedulable', entryEvents.attemptFailure);
  }

  /** An error that the cluster's state did not cause: tried again after its back-off, regardless of events. */
  retry(queued: QueuedPod): void {
    queued.rejectedBy = new Set();
    queued.afterError = true;
    queued.queuedAtMs = this.#clock.monotonicMs();
    this.#cause = entryEvents.attemptFailure;
    this.#startBackoff(queued);
  }

  /** Tries a pod again whose cycle took too long, behind the others of its priority: no attempt has ended. */
  continueLater(queued: QueuedPod): void {
    queued.attempts--;
    queued.queuedAtMs = this.#clock.monotonicMs();
    queued.sequence = this.#sequence++;
    this.#active.push(queued);
    this.#onReady();
  }

  /** Notes the events that follow, until `catchUp`: for a pod that is in no queue for a while. */
  followEvents(): MissedEvents {
    return this.#followers.begin();
  }

  /** The pod, if it has been parked, moves on when an event meanwhile may have helped it. */
  catchUp(key: string, missed: MissedEvents): void {
    this.#followers.end(missed);
    const queued = this.#parked.get(key);
    const helps = ({ info, rejectedBy }: QueuedPod) =>
      missed.some((event) => this.#hints.mayHelp(info, rejectedBy, event));
    if (queued && helps(queued)) this.#release(queued);
  }

  /** Moves the parked pods that this event may help; when there are very many, in steps. */
  onEvent(event: ClusterEvent): void {
    this.#followers.note(event);
    if (this.#gated.size > 0) this.#openGates(event);
    if (this.#parked.size === 0) return;
    const cause = eventLabel(event.kind);
    if (this.#isLarge) {
      this.#sweepFor(({ info, rejectedBy }) => this.#hints.mayHelp(info, rejectedBy, event), cause);
      return;
    }
    this.#cause = cause;
    for (const queued of this.#parked.waitingFor(anyEvent)) this.#release(queued);
    for (const { waiter, hint } of this.#hints.of(event.kind)) {
      for (const queued of this.#parked.waitingFor(waiter)) {
        if (this.#hints.helps(hint, queued.info, event)) this.#release(queued);
      }
    }
  }

  #openGates(event: ClusterEvent): void {
    this.#cause = eventLabel(event.kind);
    for (const { waiter, hint } of this.#hints.of(event.kind)) {
      for (const queued of this.#gated.waitingFor(waiter)) {
        if (!this.#hints.helps(hint, queued.info, event)) continue;
        this.#gated.remove(queued.info.key);
        this.#moveOn(queued);
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
    return this.#parked.areMany || !this.#sweeps.isIdle;
  }

  #sweepFor(question: (queued: QueuedPod) => boolean, cause: string): void {
    this.#sweeps.add((queued) => {
      this.#cause = cause;
      return question(queued);
    });
    this.#onReady();
  }

  #popEarly(): QueuedPod | undefined {
    const next = this.#backoff.popEarly();
    if (next) this.#onEntry('active', entryEvents.earlyPop);
    return next;
  }

  #moveOn(queued: QueuedPod): void {
    if (queued.attempts > 0 && !this.#backoff.isOver(queued)) this.#startBackoff(queued);
    else this.#enter(queued);
  }

  #enter(queued: QueuedPod): void {
    if (this.#gated.takes(queued)) return;
    this.#active.push(queued);
    this.#onEntry('active', this.#cause);
    this.#onReady();
  }

  #startBackoff(queued: QueuedPod): void {
    this.#backoff.push(queued);
    this.#onEntry('backoff', this.#cause);
    if (!queued.afterError) this.#onReady();
  }

  #flushBackoff(): void {
    this.#cause = entryEvents.backoffComplete;
    for (const queued of this.#backoff.popDue()) this.#enter(queued);
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
    this.#parked.remove(queued);
    this.#moveOn(queued);
  }
}
