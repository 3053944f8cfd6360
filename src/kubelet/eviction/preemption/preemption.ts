/**
 * Makes room on a full node for a critical pod: ends other pods, one after the other, until what it requests is
 * free. Follows upstream's `CriticalPodAdmissionHandler`.
 */

import { nextTurn, pause } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { Counter } from '#base/metrics/counter.ts';
import type { Metric } from '#base/metrics/metric.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import { type Rejection, rejection } from '../../admission/rejection.ts';
import type { Shortage } from '../../admission/room.ts';
import { type NodePod, podReference } from '../../pod/pod.ts';
import type { Evictable } from '../evictable.ts';
import { type Missing, victimsFor } from './victims.ts';

const message = 'Preempted in order to admit critical pod';
const disruption = 'Pod was preempted by Kubelet to accommodate a critical pod.';
const endLimitMinMs = 10_000;
const endPollMs = 100;

export interface Preemptable extends Evictable {
  /** Admission counts what it requests. */
  readonly takesRoom: boolean;
}

export interface PreemptionParts {
  readonly env: Env;
  readonly events: EventRecorder;
  /** The pods of the node. */
  readonly pods: () => readonly Preemptable[];
}

export class Preemption {
  readonly #parts: PreemptionParts;
  readonly #preemptions = new Counter('kubelet_preemptions', 'Pods that ended for a critical pod.');
  readonly #stopping = new AbortController();
  /** The critical pods whose turn has not ended, by uid. */
  readonly #waiting = new Set<string>();
  /** Settles when room was made for the last critical pod. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: PreemptionParts) {
    this.#parts = parts;
  }

  get metrics(): readonly Metric[] {
    return [this.#preemptions];
  }

  /** A pod that comes now waits for its turn. */
  get isBusy(): boolean {
    return this.#waiting.size > 0;
  }

  /**
   * Resolves when the pod may begin, or with the reason why it cannot. Critical pods take turns in the order in which
   * they come: `shortages` is called when it is this pod's turn, with the uids of the pods that wait, which hold no room
   * yet. A pod that does not end in time is waited for no longer, as upstream.
   */
  makeRoom(
    pod: NodePod,
    shortages: (waiting: ReadonlySet<string>) => readonly Shortage[],
  ): Promise<Rejection | undefined> {
    const { uid } = pod.metadata;
    this.#waiting.add(uid);
    const result = this.#turn
      .then(() => this.#makeRoom(pod, shortages(this.#waiting)))
      .finally(() => this.#waiting.delete(uid));
    // Thousands of pods that are rejected do not hold up the process.
    this.#turn = result.catch(() => undefined).then(() => nextTurn(this.#parts.env.clock));
    return result;
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #makeRoom(pod: NodePod, shortages: readonly Shortage[]): Promise<Rejection | undefined> {
    const missing: Missing = new Map(
      shortages.map(({ resource, requested, used, capacity }) => [resource, requested - (capacity - used)]),
    );
    const candidates = this.#parts.pods().filter(({ takesRoom, pod: { metadata } }) => {
      return takesRoom && metadata.uid !== pod.metadata.uid && !this.#waiting.has(metadata.uid);
    });
    const victims = victimsFor(
      pod,
      candidates.map((candidate) => candidate.pod),
      missing,
    );
    if (!victims) return noVictims(missing);
    const [signal = ''] = missing.keys();
    for (const victim of victims) {
      const { uid } = victim.metadata;
      await this.#preempt(candidates.find((candidate) => candidate.pod.metadata.uid === uid)!, signal);
    }
    return undefined;
  }

  async #preempt(victim: Evictable, signal: string): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    if (victim.isActive) {
      victim.fail({ cause: 'Evicted', reason: 'Preempting', message, disruption });
    }
    if (await this.#hasEnded(victim)) this.#preemptions.of({ preemption_signal: signal }).value++;
  }

  /** False when it takes half as long again as its grace period. */
  async #hasEnded(victim: Evictable): Promise<boolean> {
    const { env, events } = this.#parts;
    const graceMs = (victim.pod.spec.terminationGracePeriodSeconds ?? 0) * 1000;
    const untilMs = env.clock.monotonicMs() + Math.max(1.5 * graceMs, endLimitMinMs);
    while (!victim.hasEnded) {
      if (this.#stopping.signal.aborted) return false;
      if (env.clock.monotonicMs() >= untilMs) {
        const late = 'Container runtime did not kill the pod within specified grace period.';
        events.event(podReference(victim.pod), 'Warning', 'ExceededGracePeriod', late);
        return false;
      }
      await pause(env.clock, endPollMs, this.#stopping.signal);
    }
    return true;
  }
}

function noVictims(missing: Missing): Rejection {
  const list = Array.from(missing, ([resource, amount]) => `(res: ${resource}, q: ${amount}), `).join('');
  return rejection(
    'UnexpectedAdmissionError',
    'Unexpected error while attempting to recover from admission failure: preemption: error finding a set of ' +
      `pods to preempt: no set of running pods found to reclaim resources: [${list}]`,
  );
}
