/**
 * The attempts to schedule pods, one after the other: each finds a node, makes room on one, or parks the pod. An attempt
 * is synchronous; where an extender is interested in the pod, it takes many turns of the event loop, and no other begins
 * before its end, as upstream.
 */

import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Client } from '#client/client.ts';
import type { BindingCycles } from './binding-cycle.ts';
import type { ClusterCache } from './cache/cache.ts';
import { PodInfo } from './cache/pod-info.ts';
import type { FoundNode, NoNode } from './cycle/algorithm.ts';
import { changesScheduling } from './event-handlers.ts';
import { extendedCycle } from './extenders/extended-cycle.ts';
import type { Extender } from './extenders/extender.ts';
import { Unfinished } from './framework.ts';
import type { SchedulerMetrics } from './metrics/scheduler-metrics.ts';
import type { Preemptor } from './preemptor.ts';
import type { SchedulingQueue } from './queue/queue.ts';
import type { QueuedPod } from './queue/queued-pod.ts';
import type { RunningProfile } from './running-profile.ts';
import type { SeenPods } from './seen-pods.ts';

export interface AttemptParts {
  readonly env: Env;
  readonly client: Client;
  readonly cache: ClusterCache;
  readonly queue: SchedulingQueue;
  /** By the scheduler name of their pods. */
  readonly profiles: ReadonlyMap<string, RunningProfile>;
  readonly extenders: readonly Extender[];
  readonly bindings: BindingCycles;
  readonly preemptor: Preemptor;
  readonly seen: SeenPods;
  readonly metrics: SchedulerMetrics;
  /** Aborted when the scheduler stops. */
  readonly stopping: AbortSignal;
  /** Called at the end of a long attempt. */
  readonly onEnd: () => void;
}

export class Attempts {
  readonly #parts: AttemptParts;
  #isLong = false;

  constructor(parts: AttemptParts) {
    this.#parts = parts;
  }

  /** An extender is waited for. */
  get isInLongAttempt(): boolean {
    return this.#isLong;
  }

  schedule(queued: QueuedPod): void {
    const pod = queued.info;
    const profile = this.profileOf(pod);
    if (pod.terminating) {
      profile.reporter.skippedDeleted(pod);
      return;
    }
    // The API server would reject the binding until the namespace's deletion deletes the pod.
    if (this.#parts.cache.listers.isNamespaceTerminating(pod.namespace)) return;
    const beganMs = this.#parts.env.clock.monotonicMs();
    const extenders = this.#parts.extenders.filter((extender) => extender.isInterestedIn(pod));
    if (extenders.length > 0) {
      void this.#scheduleExtended(queued, extenders, beganMs);
      return;
    }
    try {
      this.#conclude(queued, profile.algorithm.schedule(pod, this.#parts.cache), beganMs);
    } catch (error) {
      this.#broke(queued, error, beganMs);
    }
  }

  /** One attempt in many turns of the event loop; no other begins before its end. */
  async #scheduleExtended(queued: QueuedPod, extenders: readonly Extender[], beganMs: number): Promise<void> {
    const pod = queued.info;
    const { algorithm } = this.profileOf(pod);
    const parts = { algorithm, extenders, log: this.#parts.env.log };
    this.#isLong = true;
    const missed = this.#parts.queue.followEvents();
    try {
      const result = await extendedCycle(parts, pod, this.#parts.cache);
      if (this.#isOver(pod)) return;
      this.#conclude(queued, result, beganMs);
    } catch (error) {
      if (!this.#isOver(pod)) this.#broke(queued, error, beganMs);
    } finally {
      this.#parts.queue.catchUp(pod.key, missed);
      this.#noticeChange(pod);
      this.#isLong = false;
      this.#parts.onEnd();
    }
  }

  /** The scheduler has stopped, or the pod was deleted or bound by another scheduler meanwhile. */
  #isOver(pod: PodInfo): boolean {
    return this.#parts.stopping.aborted || this.#parts.seen.stillWaiting(pod) === undefined;
  }

  /** The pod was in no queue while it may have changed. */
  #noticeChange(pod: PodInfo): void {
    const now = this.#parts.seen.stillWaiting(pod);
    if (!now || now === pod.pod || this.#parts.stopping.aborted) return;
    this.#parts.queue.update(new PodInfo(now), changesScheduling(pod.pod, now));
  }

  #conclude(queued: QueuedPod, result: FoundNode | NoNode, beganMs: number): void {
    const profile = this.profileOf(queued.info);
    if ('failure' in result) {
      profile.attempted('unschedulable', this.#since(beganMs));
      this.#refused(queued, result);
    } else {
      this.#parts.metrics.foundNode(this.#since(beganMs));
      this.#parts.bindings.take(queued, profile, result, beganMs);
    }
  }

  profileOf(pod: PodInfo): RunningProfile {
    const profile = this.#parts.profiles.get(pod.schedulerName);
    if (!profile) throw new Error(`no profile schedules the pods of ${pod.schedulerName}`);
    return profile;
  }

  #since(beganMs: number): number {
    return this.#parts.env.clock.monotonicMs() - beganMs;
  }

  #refused(queued: QueuedPod, { failure, nominatedNode, victims = [], write }: NoNode): void {
    const pod = queued.info;
    this.#parts.metrics.triedPreemption();
    if (victims.length > 0) this.#parts.metrics.preempts(victims.length);
    if (nominatedNode) {
      this.#parts.cache.nominations.set(pod, nominatedNode);
      void this.#parts.preemptor.makeRoom(queued, failure, { node: nominatedNode, victims });
    } else {
      if (nominatedNode === '') this.#parts.cache.nominations.remove(pod.key);
      this.#parts.queue.park(queued, failure.rejectedBy());
      if (write) void this.#write(pod, write);
    }
    this.profileOf(pod).reporter.failed(pod, 'Unschedulable', failure.message(), nominatedNode);
  }

  /** The event that follows moves the pod, which is parked. */
  async #write(pod: PodInfo, write: (client: Client) => Promise<void>): Promise<void> {
    const { client, env } = this.#parts;
    try {
      await write(client);
    } catch (error) {
      env.log.warn('no room could be made', { pod: pod.key, error: errorText(error) });
    }
  }

  #broke(queued: QueuedPod, error: unknown, beganMs: number): void {
    if (error instanceof Unfinished) {
      this.#parts.queue.continueLater(queued);
      return;
    }
    this.profileOf(queued.info).attempted('error', this.#since(beganMs));
    this.failed(queued, errorText(error));
  }

  /** Ended by an error: tried again after its back-off. */
  failed(queued: QueuedPod, message: string): void {
    this.#parts.env.log.warn('a pod could not be scheduled', { pod: queued.info.key, error: message });
    this.#parts.queue.retry(queued);
    this.#parts.cache.nominations.remove(queued.info.key);
    this.profileOf(queued.info).reporter.failed(queued.info, 'SchedulerError', message, '');
  }
}
