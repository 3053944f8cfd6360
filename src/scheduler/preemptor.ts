/**
 * Makes room for a pod on a node: evicts its victims there. The pod stays out of the queue until then: tried earlier, it
 * would not see them terminating and pick more victims elsewhere. Afterwards it waits until they are gone, as upstream.
 * A victim whose own binding is still being prepared is not deleted: it gives up the node and is tried again.
 */

import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { ClusterCache } from './cache/cache.ts';
import { PodInfo } from './cache/pod-info.ts';
import type { FitFailure } from './cycle/fit-failure.ts';
import { changesScheduling } from './event-handlers.ts';
import { preemptionName } from './plugins/default-preemption.ts';
import type { Prebinding } from './prebinding.ts';
import type { SchedulingQueue } from './queue/queue.ts';
import type { QueuedPod } from './queue/queued-pod.ts';
import type { Reporter } from './reporter.ts';
import type { RunningProfile } from './running-profile.ts';
import type { SeenPods } from './seen-pods.ts';

export interface PreemptorParts {
  readonly cache: ClusterCache;
  readonly queue: SchedulingQueue;
  readonly prebinding: Prebinding;
  readonly seen: SeenPods;
  readonly env: Pick<Env, 'log'>;
  /** By the scheduler name of their pods. */
  readonly profiles: ReadonlyMap<string, RunningProfile>;
  /** Aborted when the scheduler stops. */
  readonly stopping: AbortSignal;
}

export interface Room {
  readonly node: string;
  readonly victims: readonly PodInfo[];
}

export class Preemptor {
  readonly #parts: PreemptorParts;

  constructor(parts: PreemptorParts) {
    this.#parts = parts;
  }

  async makeRoom(queued: QueuedPod, failure: FitFailure, { node, victims }: Room): Promise<void> {
    const { cache, queue, seen, env, stopping } = this.#parts;
    const pod = queued.info;
    const missed = queue.followEvents();
    this.#clearLesser(pod, node);
    let isEvicted = true;
    for (const victim of victims) cache.nominations.addVictim(victim.uid);
    try {
      await Promise.all(victims.map((victim) => this.#evict(victim, pod, node)));
    } catch (error) {
      isEvicted = false;
      for (const victim of victims) cache.nominations.forgetVictim(victim.uid);
      env.log.warn('preemption failed', { pod: pod.key, error: errorText(error) });
    }
    const now = seen.stillWaiting(pod);
    if (now && !stopping.aborted) queue.park(queued, failure.rejectedBy().add(preemptionName));
    queue.catchUp(pod.key, missed);
    if (now) queue.update(new PodInfo(now), !isEvicted || changesScheduling(pod.pod, now));
  }

  /** Pods of lower priority that wait for room on the node look for another node. */
  #clearLesser(pod: PodInfo, node: string): void {
    const { cache } = this.#parts;
    for (const promised of cache.nominations.on(node)) {
      if (promised.priority >= pod.priority || promised.key === pod.key) continue;
      cache.nominations.remove(promised.key);
      this.#reporterOf(promised)?.clearNomination(promised);
    }
  }

  async #evict(victim: PodInfo, preemptor: PodInfo, node: string): Promise<void> {
    const { cache, prebinding, seen } = this.#parts;
    const reporter = this.#reporterOf(preemptor);
    if (!reporter) return;
    if (prebinding.cancel(victim.uid, `preempted by ${preemptionName}`)) {
      cache.nominations.forgetVictim(victim.uid);
      reporter.preempted(victim, preemptor, node, ' (in kube-scheduler memory).');
      return;
    }
    // Its deletion has begun already.
    if (victim.terminating) return;
    const wasThere = await reporter.evict(victim, preemptor, node);
    // Deleted before it was evicted, and observed to be: no event will follow that forgets it.
    if (!wasThere && !seen.get(victim)) cache.nominations.forgetVictim(victim.uid);
  }

  #reporterOf(pod: PodInfo): Reporter | undefined {
    return this.#parts.profiles.get(pod.schedulerName)?.reporter;
  }
}
