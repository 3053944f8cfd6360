/**
 * The scheduler: takes waiting pods one by one, finds each a node, and binds it there.
 *
 * Finding a node is synchronous and runs in slices, so that the process keeps answering between them; binding
 * is a request and overlaps with the next pods, for which the pod already counts on the chosen node. Reads
 * pods, nodes and what the plugins need; writes pods/binding, pods/status, Events, and deletes the victims of
 * preemption. Follows kube-scheduler's default profile.
 */

import { pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { Informers } from '#client/informers/informer.ts';
import { Binder, type BindingSteps, PrepareError, type ReservedNode } from './binder.ts';
import { ClusterCache } from './cache/cache.ts';
import { listersFrom } from './cache/listers.ts';
import { PodInfo } from './cache/pod-info.ts';
import { Algorithm, type FoundNode, type NoNode, type PointTiming } from './cycle/algorithm.ts';
import type { FitFailure } from './cycle/fit-failure.ts';
import { feed } from './event-handlers.ts';
import { SchedulerMetrics } from './metrics/scheduler-metrics.ts';
import { defaultPreemption } from './plugins/default-preemption.ts';
import { defaultPlugins } from './plugins/list.ts';
import { type QueuedPod, SchedulingQueue } from './queue/queue.ts';
import { Reporter } from './reporter.ts';

/** The profile that pods without a scheduler's name have. */
export const defaultSchedulerName = 'default-scheduler';
const sliceMs = 5;
const bindingsInFlightMax = 256;

export interface SchedulerOptions {
  readonly env: Env;
  readonly client: Client;
  readonly informers: Informers;
  /** Schedules pods with this spec.schedulerName. Default `default-scheduler`. */
  readonly schedulerName?: string;
  /** As in KubeSchedulerConfiguration; default by the number of nodes, as upstream. */
  readonly percentageOfNodesToScore?: number;
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
  readonly #algorithm: Algorithm;
  readonly #reporter: Reporter;
  readonly #binder: Binder;
  readonly #stopFeeding: () => void;
  readonly #metrics: SchedulerMetrics;
  readonly #stopping = new AbortController();
  #synced = false;
  #stopped = false;
  #sliceSet = false;
  #bindingsInFlight = 0;

  constructor(options: SchedulerOptions) {
    const { env, client, informers, schedulerName: name = defaultSchedulerName } = options;
    const { percentageOfNodesToScore, metrics = new SchedulerMetrics(name) } = options;
    this.#env = env;
    this.#metrics = metrics;
    const timing: PointTiming = {
      clock: env.clock,
      ran: (point, status, ms) => metrics.ran(point, status, ms),
    };
    this.#informers = informers;
    this.#cache = new ClusterCache(listersFrom(informers));
    this.#algorithm = new Algorithm({
      plugins: defaultPlugins,
      random: env.random,
      timing,
      ...(percentageOfNodesToScore === undefined ? {} : { percentageOfNodesToScore }),
    });
    this.#reporter = new Reporter(env, client, name);
    this.queue = new SchedulingQueue(
      env.clock,
      defaultPlugins,
      () => this.#wake(),
      (queue, event) => metrics.entered(queue, event),
    );
    this.#binder = new Binder({
      client,
      cache: this.#cache,
      queue: this.queue,
      timing,
    });
    this.#stopFeeding = feed({ informers, cache: this.#cache, queue: this.queue, schedulerName: name });
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
    if (pod.terminating) {
      this.#reporter.skippedDeleted(pod);
      return;
    }
    // The API server would reject the binding until the namespace's deletion deletes the pod.
    if (this.#cache.listers.isNamespaceTerminating(pod.namespace)) return;
    const beganMs = this.#env.clock.monotonicMs();
    try {
      const result = this.#algorithm.schedule(pod, this.#cache);
      if ('failure' in result) {
        this.#metrics.attempted('unschedulable', this.#since(beganMs));
        this.#refused(queued, result);
      } else {
        this.#metrics.foundNode(this.#since(beganMs));
        this.#take(queued, result, beganMs);
      }
    } catch (error) {
      this.#metrics.attempted('error', this.#since(beganMs));
      this.#failed(queued, String(error));
    }
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
    this.#reporter.failed(pod, 'Unschedulable', failure.message(), nominatedNode);
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
      this.#reporter.clearNomination(promised);
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
    this.queue.park(queued, failure.rejectedBy().add(defaultPreemption.name));
    this.queue.update(new PodInfo(now), true);
  }

  async #evict(victim: PodInfo, preemptor: PodInfo, node: string): Promise<void> {
    const wasThere = await this.#reporter.evict(victim, preemptor, node);
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
    const reserved = this.#binder.reserve(queued.info, found);
    this.#bindingsInFlight++;
    void this.#bind(queued, reserved, beganMs);
  }

  async #bind(queued: QueuedPod, reserved: ReservedNode, beganMs: number): Promise<void> {
    const { node, reservations } = reserved;
    try {
      // Shown to others, as cluster autoscalers: the binding may take minutes.
      if (reservations.length > 0) await this.#reporter.nominate(queued.info, node.name);
      await this.#binder.bind(queued.info, reserved, this.#bindingSteps(queued.info));
      this.#metrics.attempted('scheduled', this.#since(beganMs));
      this.#metrics.scheduled(queued.attempts, this.#since(queued.firstTriedMs));
      this.#reporter.scheduled(queued.info, node.name);
    } catch (error) {
      this.#metrics.attempted('error', this.#since(beganMs));
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
    this.#reporter.failed(queued.info, 'SchedulerError', message, '');
  }
}
