/**
 * The second half of a pod's attempt: its node is reserved, then it is bound, which overlaps with the attempts of other
 * pods. At most so many bindings are in flight; one that waits for minutes, as for volumes, is none of them.
 */

import { StatusError } from '#api/meta/status.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import { type BindingSteps, PlainError, type ReservedNode } from './binder.ts';
import type { PodInfo } from './cache/pod-info.ts';
import type { FoundNode } from './cycle/algorithm.ts';
import type { SchedulerMetrics } from './metrics/scheduler-metrics.ts';
import type { Prebinding } from './prebinding.ts';
import type { QueuedPod } from './queue/queued-pod.ts';
import type { Reporter } from './reporter.ts';
import type { RunningProfile } from './running-profile.ts';
import type { SeenPods } from './seen-pods.ts';

const inFlightMax = 256;

export interface BindingParts {
  readonly env: Pick<Env, 'clock'>;
  readonly metrics: SchedulerMetrics;
  readonly prebinding: Prebinding;
  readonly seen: SeenPods;
  /** Aborted when the scheduler stops. */
  readonly stopping: AbortSignal;
  /** Called when a further pod may be taken. */
  readonly onRoom: () => void;
  readonly onFailed: (queued: QueuedPod, message: string) => void;
}

export class BindingCycles {
  readonly #parts: BindingParts;
  #inFlight = 0;

  constructor(parts: BindingParts) {
    this.#parts = parts;
  }

  get areFull(): boolean {
    return this.#inFlight >= inFlightMax;
  }

  /** `beganMs`: when the attempt began. */
  take(queued: QueuedPod, profile: RunningProfile, found: FoundNode, beganMs: number): void {
    const reserved = profile.binder.reserve(queued.info, found);
    this.#inFlight++;
    void this.#bind(queued, profile, reserved, beganMs);
  }

  async #bind(
    queued: QueuedPod,
    { reporter, binder, attempted }: RunningProfile,
    reserved: ReservedNode,
    beganMs: number,
  ): Promise<void> {
    const { metrics, stopping, onRoom } = this.#parts;
    const { node, reservations } = reserved;
    try {
      // Shown to others, as cluster autoscalers: the binding may take minutes.
      if (reservations.length > 0) await reporter.nominate(queued.info, node.name);
      await binder.bind(queued.info, reserved, this.#stepsOf(queued.info, reporter));
      attempted('scheduled', this.#since(beganMs));
      metrics.scheduled(queued.attempts, this.#since(queued.firstTriedMs));
      reporter.scheduled(queued.info, node.name);
    } catch (error) {
      attempted('error', this.#since(beganMs));
      if (!stopping.aborted) this.#failed(queued, error);
    } finally {
      this.#inFlight--;
      onRoom();
    }
  }

  #stepsOf(pod: PodInfo, reporter: Reporter): BindingSteps {
    const { env, prebinding, seen, stopping, onRoom } = this.#parts;
    const signal = AbortSignal.any([stopping, prebinding.begin(pod.uid)]);
    return {
      wait: {
        clock: env.clock,
        signal,
        report: (reason, message) => reporter.waits(pod, reason, message),
        isPodWaiting: () => seen.stillWaiting(pod) !== undefined,
      },
      idle: async (settled) => {
        this.#inFlight--;
        onRoom();
        await settled().finally(() => this.#inFlight++);
      },
      prepared: () => prebinding.finish(pod.uid),
      ended: () => prebinding.end(pod.uid),
    };
  }

  #since(beganMs: number): number {
    return this.#parts.env.clock.monotonicMs() - beganMs;
  }

  #failed(queued: QueuedPod, error: unknown): void {
    // Deleted, recreated, or bound by another scheduler meanwhile.
    if (!this.#parts.seen.stillWaiting(queued.info)) return;
    if (error instanceof StatusError && error.code === 404) return;
    const message = errorText(error);
    this.#parts.onFailed(queued, error instanceof PlainError ? message : `binding rejected: ${message}`);
  }
}
