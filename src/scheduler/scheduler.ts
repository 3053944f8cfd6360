/**
 * The scheduler: takes waiting pods one by one, finds each a node, and binds it there.
 *
 * Finding a node is synchronous and runs in slices, so that the process keeps answering between them; binding
 * is a request and overlaps with the next pods, for which the pod already counts on the chosen node. Reads
 * pods, nodes and what the plugins need; writes pods/binding, pods/status, Events, and deletes the victims of
 * preemption. Each pod is scheduled by the profile of its `spec.schedulerName`; pods of no profile are left alone.
 */

import {
  readSchedulerConfiguration,
  type SchedulerConfiguration,
} from '#api/configuration/scheduler/scheduler-configuration.ts';
import { pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { Informers } from '#client/informers/informer.ts';
import { type BindingSteps, PrepareError, type ReservedNode } from './binder.ts';
import { ClusterCache } from './cache/cache.ts';
import { listersFrom } from './cache/listers.ts';
import { PodInfo } from './cache/pod-info.ts';
import type { FoundNode, NoNode } from './cycle/algorithm.ts';
import type { FitFailure } from './cycle/fit-failure.ts';
import { feed } from './event-handlers.ts';
import { SchedulerMetrics } from './metrics/scheduler-metrics.ts';
import { preemptionName } from './plugins/default-preemption.ts';
import { profileOf } from './profiles/profile.ts';
import { type QueuedPod, SchedulingQueue } from './queue/queue.ts';
import { RunningProfile } from './running-profile.ts';

const sliceMs = 5;
const bindingsInFlightMax = 256;

export interface SchedulerOptions {
  readonly env: Env;
  readonly client: Client;
  readonly informers: Informers;
  /** Default: upstream's default profile. */
  readonly configuration?: SchedulerConfiguration | undefined;
  /** Default: they are not published. */
  readonly metrics?: SchedulerMetrics;
}

export interface Scheduler {
  /** Number of waiting pods by queue. */
  waiting(): { active: number; backoff: number; unschedulable: number; gated: number };
  stop(): void;
}

export function startScheduler(options: SchedulerOptions): Scheduler {
  const running = new RunningScheduler(options);
  void running.start();
  return { waiting: () => running.queue.counts(), stop: () => running.stop() };
}

class RunningScheduler {
  readonly queue: SchedulingQueue;
  readonly #env: Env;
  readonly #informers: Informers;
  readonly #cache: ClusterCache;
  readonly #profiles: ReadonlyMap<string, RunningProfile>;
  readonly #stopFeeding: () => void;
  readonly #metrics: SchedulerMetrics;
  readonly #stopping = new AbortController();
  #synced = false;
  #stopped = false;
  #sliceSet = false;
  #bindingsInFlight = 0;

  constructor(options: SchedulerOptions) {
    const { env, client, informers, metrics = new SchedulerMetrics() } = options;
    const { configuration = readSchedulerConfiguration({}) } = options;
    this.#env = env;
    this.#metrics = metrics;
    this.#informers = informers;
    this.#cache = new ClusterCache(listersFrom(informers));
    const profiles = configuration.profiles.map(profileOf);
    this.queue = new SchedulingQueue({
      clock: env.clock,
      profiles,
      backOff: configuration.backOff,
      onReady: () => this.#wake(),
      onEntry: (queue, event) => metrics.entered(queue, event),
    });
    const parts = { env, client, metrics, cache: this.#cache, queue: this.queue };
    this.#profiles = new Map(profiles.map((each) => [each.schedulerName, new RunningProfile(each, parts)]));
    const isOurs = (schedulerName: string) => this.#profiles.has(schedulerName);
    this.#stopFeeding = feed({ informers, cache: this.#cache, queue: this.queue, isOurs });
    metrics.follow({
      pending: () => this.queue.counts(),
      unschedulableBy: () => this.queue.parkedBy(),
      cached: () => this.#cache.sizes(),
    });
  }

  async start(): Promise<void> {
    await this.#informers.synced();
    this.#synced = true;
    this.#wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#stopping.abort();
    this.#stopFeeding();
    this.queue.stop();
    this.#metrics.follow(undefined);
  }

  /** Requests one slice of work, in the next turn of the event loop. */
  #wake(): void {
    if (this.#sliceSet || this.#stopped || !this.#synced) return;
    this.#sliceSet = true;
    this.#env.clock.nextTurn(() => {
      this.#sliceSet = false;
      if (!this.#stopped) this.#slice();
    });
  }

  #slice(): void {
    const endMs = this.#env.clock.monotonicMs() + sliceMs;
    for (;;) {
      const isSweeping = this.queue.sweep();
      // A finished binding requests another slice.
      const queued = this.#bindingsInFlight < bindingsInFlightMax ? this.queue.pop() : undefined;
      if (queued) this.#scheduleOne(queued);
      else if (!isSweeping) return;
      if (this.#env.clock.monotonicMs() >= endMs) break;
    }
    this.#wake();
  }

  #scheduleOne(queued: QueuedPod): void {
    const pod = queued.info;
    const profile = this.#profileOf(pod);
    if (pod.terminating) {
      profile.reporter.skippedDeleted(pod);
      return;
    }
    // The API server would reject the binding until the namespace's deletion deletes the pod.
    if (this.#cache.listers.isNamespaceTerminating(pod.namespace)) return;
    const beganMs = this.#env.clock.monotonicMs();
    try {
      const result = profile.algorithm.schedule(pod, this.#cache);
      if ('failure' in result) {
        profile.attempted('unschedulable', this.#since(beganMs));
        this.#refused(queued, result);
      } else {
        this.#metrics.foundNode(this.#since(beganMs));
        this.#take(queued, result, beganMs);
      }
    } catch (error) {
      profile.attempted('error', this.#since(beganMs));
      this.#failed(queued, String(error));
    }
  }

  #profileOf(pod: PodInfo): RunningProfile {
    const profile = this.#profiles.get(pod.schedulerName);
    if (!profile) throw new Error(`no profile schedules the pods of ${pod.schedulerName}`);
    return profile;
  }

  #since(beganMs: number): number {
    return this.#env.clock.monotonicMs() - beganMs;
  }

  #refused(queued: QueuedPod, { failure, nominatedNode, victims = [] }: NoNode): void {
    const pod = queued.info;
    this.#metrics.triedPreemption();
    if (victims.length > 0) this.#metrics.preempts(victims.length);
    if (nominatedNode) {
      this.#cache.nominations.set(pod, nominatedNode);
      void this.#makeRoom(queued, failure, nominatedNode, victims);
    } else {
      if (nominatedNode === '') this.#cache.nominations.remove(pod.key);
      this.queue.park(queued, failure.rejectedBy());
    }
    this.#profileOf(pod).reporter.failed(pod, 'Unschedulable', failure.message(), nominatedNode);
  }

  /**
   * The pod stays out of the queue until its victims have been evicted: tried earlier, it would not see them
   * terminating and pick more victims elsewhere.
   */
  async #makeRoom(
    queued: QueuedPod,
    failure: FitFailure,
    node: string,
    victims: readonly PodInfo[],
  ): Promise<void> {
    const pod = queued.info;
    for (const promised of this.#cache.nominations.on(node)) {
      if (promised.priority >= pod.priority || promised.key === pod.key) continue;
      this.#cache.nominations.remove(promised.key);
      this.#profileOf(promised).reporter.clearNomination(promised);
    }
    const { nominations } = this.#cache;
    for (const victim of victims) nominations.addVictim(victim.uid);
    try {
      await Promise.all(victims.map((victim) => this.#evict(victim, pod, node)));
    } catch (error) {
      for (const victim of victims) nominations.forgetVictim(victim.uid);
      this.#env.log.warn('preemption failed', { pod: pod.key, error: String(error) });
    }
    const now = this.#stillWaiting(pod);
    if (this.#stopped || !now) return;
    this.queue.park(queued, failure.rejectedBy().add(preemptionName));
    this.queue.update(new PodInfo(now), true);
  }

  async #evict(victim: PodInfo, preemptor: PodInfo, node: string): Promise<void> {
    const wasThere = await this.#profileOf(preemptor).reporter.evict(victim, preemptor, node);
    // Deleted before it was evicted, and observed to be: no event will follow that forgets it.
    const isSeen = this.#asSeen(victim) !== undefined;
    if (!wasThere && !isSeen) this.#cache.nominations.forgetVictim(victim.uid);
  }

  /** The pod as the informer has it, if it still has no node. */
  #stillWaiting(pod: PodInfo): Stored<Pod> | undefined {
    const now = this.#asSeen(pod);
    return now && !now.spec?.nodeName ? now : undefined;
  }

  #asSeen(pod: PodInfo): Stored<Pod> | undefined {
    const now = this.#informers.for(pods).get(pod.namespace, pod.pod.metadata.name);
    return now?.metadata.uid === pod.uid ? now : undefined;
  }

  #take(queued: QueuedPod, found: FoundNode, beganMs: number): void {
    const reserved = this.#profileOf(queued.info).binder.reserve(queued.info, found);
    this.#bindingsInFlight++;
    void this.#bind(queued, reserved, beganMs);
  }

  async #bind(queued: QueuedPod, reserved: ReservedNode, beganMs: number): Promise<void> {
    const { node, reservations } = reserved;
    const { reporter, binder, attempted } = this.#profileOf(queued.info);
    try {
      // Shown to others, as cluster autoscalers: the binding may take minutes.
      if (reservations.length > 0) await reporter.nominate(queued.info, node.name);
      await binder.bind(queued.info, reserved, this.#bindingSteps(queued.info));
      attempted('scheduled', this.#since(beganMs));
      this.#metrics.scheduled(queued.attempts, this.#since(queued.firstTriedMs));
      reporter.scheduled(queued.info, node.name);
    } catch (error) {
      attempted('error', this.#since(beganMs));
      if (!this.#stopped) this.#bindFailed(queued, error);
    } finally {
      this.#bindingsInFlight--;
      this.#wake();
    }
  }

  #bindingSteps(pod: PodInfo): BindingSteps {
    return {
      wait: {
        clock: this.#env.clock,
        signal: this.#stopping.signal,
        isPodWaiting: () => this.#stillWaiting(pod) !== undefined,
      },
      idle: async (settled) => {
        this.#bindingsInFlight--;
        this.#wake();
        await settled().finally(() => this.#bindingsInFlight++);
      },
    };
  }

  #bindFailed(queued: QueuedPod, error: unknown): void {
    // Deleted, recreated, or bound by another scheduler meanwhile.
    if (!this.#stillWaiting(queued.info)) return;
    if (error instanceof StatusError && error.code === 404) return;
    if (error instanceof PrepareError) this.#failed(queued, error.message);
    else this.#failed(queued, `binding rejected: ${error instanceof Error ? error.message : String(error)}`);
  }

  #failed(queued: QueuedPod, message: string): void {
    this.#env.log.warn('a pod could not be scheduled', { pod: queued.info.key, error: message });
    this.queue.retry(queued);
    this.#cache.nominations.remove(queued.info.key);
    this.#profileOf(queued.info).reporter.failed(queued.info, 'SchedulerError', message, '');
  }
}
