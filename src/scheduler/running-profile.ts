/** A profile at work: its searches, its bindings, its reports, counted under its name. */

import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { Binder } from './binder.ts';
import type { ClusterCache } from './cache/cache.ts';
import { Algorithm, type PointTiming } from './cycle/algorithm.ts';
import type { Extender } from './extenders/extender.ts';
import type { AttemptResult, SchedulerMetrics } from './metrics/scheduler-metrics.ts';
import type { Profile } from './profiles/profile.ts';
import type { SchedulingQueue } from './queue/queue.ts';
import { Reporter } from './reporter.ts';

/** What all profiles of a scheduler share. */
export interface SharedParts {
  readonly env: Env;
  readonly client: Client;
  readonly metrics: SchedulerMetrics;
  readonly cache: ClusterCache;
  readonly queue: SchedulingQueue;
  /** In the order in which they are called. */
  readonly extenders: readonly Extender[];
}

export class RunningProfile {
  readonly algorithm: Algorithm;
  readonly binder: Binder;
  readonly reporter: Reporter;
  readonly attempted: (result: AttemptResult, ms: number) => void;

  constructor(profile: Profile, { env, client, metrics, cache, queue, extenders }: SharedParts) {
    const { schedulerName, plugins, percentageOfNodesToScore } = profile;
    const timing: PointTiming = {
      clock: env.clock,
      ran: (point, status, ms) => metrics.ran(schedulerName, point, status, ms),
    };
    this.algorithm = new Algorithm({ plugins, random: env.random, timing, percentageOfNodesToScore });
    this.binder = new Binder({ client, cache, queue, timing, extenders, log: env.log });
    this.reporter = new Reporter(env, client, schedulerName);
    this.attempted = (result, ms) => metrics.attempted(schedulerName, result, ms);
  }
}
