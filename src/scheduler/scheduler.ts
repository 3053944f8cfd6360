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
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { Informers } from '#client/informers/informer.ts';
import { Attempts } from './attempts.ts';
import { BindingCycles } from './binding-cycle.ts';
import { ClusterCache } from './cache/cache.ts';
import { listersFrom } from './cache/listers.ts';
import { feed } from './event-handlers.ts';
import { Extender, type PostToExtender } from './extenders/extender.ts';
import { extenderHints } from './extenders/extender-hints.ts';
import { SchedulerMetrics } from './metrics/scheduler-metrics.ts';
import { Prebinding } from './prebinding.ts';
import { Preemptor } from './preemptor.ts';
import { profileOf } from './profiles/profile.ts';
import { SchedulingQueue } from './queue/queue.ts';
import { RunningProfile } from './running-profile.ts';
import { SeenPods } from './seen-pods.ts';

const sliceMs = 5;

export interface SchedulerOptions {
  readonly env: Env;
  readonly client: Client;
  readonly informers: Informers;
  /** Default: upstream's default profile. */
  readonly configuration?: SchedulerConfiguration | undefined;
  /** Default: they are not published. */
  readonly metrics?: SchedulerMetrics;
  /** The way to the extenders of the configuration. Default: there is none, and each of their calls fails. */
  readonly postToExtender?: PostToExtender | undefined;
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
  readonly #bindings: BindingCycles;
  readonly #attempts: Attempts;
  readonly #stopFeeding: () => void;
  readonly #metrics: SchedulerMetrics;
  readonly #stopping = new AbortController();
  #synced = false;
  #sliceSet = false;

  constructor(options: SchedulerOptions) {
    const { env, client, informers, metrics = new SchedulerMetrics(), postToExtender = noWay } = options;
    const { configuration = readSchedulerConfiguration({}) } = options;
    this.#env = env;
    this.#metrics = metrics;
    this.#informers = informers;
    const cache = new ClusterCache(listersFrom(informers, env));
    const extenders = configuration.extenders.map((settings) => new Extender(settings, postToExtender));
    const given = configuration.profiles.map(profileOf);
    this.queue = new SchedulingQueue({
      clock: env.clock,
      profiles: extenders.length > 0 ? given.map(extenderHints) : given,
      backOff: configuration.backOff,
      onReady: () => this.#wake(),
      onEntry: (queue, event) => metrics.entered(queue, event),
      listers: cache.listers,
    });
    const { queue } = this;
    const parts = { env, client, metrics, cache, queue, extenders };
    const running = given.map((each) => [each.schedulerName, new RunningProfile(each, parts)] as const);
    const shared = {
      ...parts,
      profiles: new Map(running),
      seen: new SeenPods(informers),
      prebinding: new Prebinding(),
      stopping: this.#stopping.signal,
    };
    this.#bindings = new BindingCycles({
      ...shared,
      onRoom: () => this.#wake(),
      onFailed: (queued, message) => this.#attempts.failed(queued, message),
    });
    this.#attempts = new Attempts({
      ...shared,
      bindings: this.#bindings,
      preemptor: new Preemptor(shared),
      onEnd: () => this.#wake(),
    });
    const isOurs = (schedulerName: string) => shared.profiles.has(schedulerName);
    this.#stopFeeding = feed({ informers, cache, queue, isOurs });
    metrics.follow({
      pending: () => queue.counts(),
      unschedulableBy: () => queue.parkedBy(),
      cached: () => cache.sizes(),
    });
  }

  async start(): Promise<void> {
    await this.#informers.synced();
    this.#synced = true;
    this.#wake();
  }

  stop(): void {
    this.#stopping.abort();
    this.#stopFeeding();
    this.queue.stop();
    this.#metrics.follow(undefined);
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Requests one slice of work, in the next turn of the event loop. */
  #wake(): void {
    if (this.#sliceSet || this.#isStopped || !this.#synced || this.#attempts.isInLongAttempt) return;
    this.#sliceSet = true;
    this.#env.clock.nextTurn(() => {
      this.#sliceSet = false;
      if (!this.#isStopped) this.#slice();
    });
  }

  #slice(): void {
    const endMs = this.#env.clock.monotonicMs() + sliceMs;
    for (;;) {
      const isSweeping = this.queue.sweep();
      // A finished binding requests another slice.
      const queued = this.#bindings.areFull ? undefined : this.queue.pop();
      if (queued) this.#attempts.schedule(queued);
      else if (!isSweeping) return;
      // The end of a long attempt requests another slice.
      if (this.#attempts.isInLongAttempt) return;
      if (this.#env.clock.monotonicMs() >= endMs) break;
    }
    this.#wake();
  }
}

function noWay(): Promise<never> {
  return Promise.reject(new Error('this scheduler has no way to extenders'));
}
