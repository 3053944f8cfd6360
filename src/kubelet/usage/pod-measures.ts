/**
 * What takes long to measure of pods, a minute old at most, as upstream's stats of volumes: several ask for it, and
 * a walk through folders or a slow file system must not be waited for by each.
 */

import type { Clock } from '#base/clock.ts';
import type { NodePod } from '../pod/pod.ts';

const keptMs = 60_000;
/** Measured at the same time. */
const podsAtOnce = 2;

interface Kept<T> {
  readonly atMs: number;
  readonly value: T;
}

export class PodMeasures<T> {
  readonly #clock: Clock;
  readonly #measure: (pod: NodePod) => Promise<T>;
  /** By the uid of the pod. */
  #kept = new Map<string, Kept<T>>();
  #measuring: Promise<ReadonlyMap<string, T>> | undefined;

  constructor(clock: Clock, measure: (pod: NodePod) => Promise<T>) {
    this.#clock = clock;
    this.#measure = measure;
  }

  /** By the uid of the pod; one that could not be measured is left out. Those who ask at the same time share a pass. */
  of(pods: readonly NodePod[]): Promise<ReadonlyMap<string, T>> {
    this.#measuring ??= this.#read(pods).finally(() => {
      this.#measuring = undefined;
    });
    return this.#measuring;
  }

  async #read(pods: readonly NodePod[]): Promise<ReadonlyMap<string, T>> {
    const nowMs = this.#clock.monotonicMs();
    const kept = new Map<string, Kept<T>>();
    const waiting = pods.values();
    const next = async () => {
      for (const pod of waiting) {
        const { uid } = pod.metadata;
        const measured = this.#fresh(uid, nowMs) ?? (await this.#measured(pod, nowMs));
        if (measured) kept.set(uid, measured);
      }
    };
    await Promise.all(Array.from({ length: podsAtOnce }, next));
    this.#kept = kept;
    return new Map(Array.from(kept, ([uid, { value }]) => [uid, value]));
  }

  #fresh(uid: string, nowMs: number): Kept<T> | undefined {
    const known = this.#kept.get(uid);
    return known && nowMs - known.atMs < keptMs ? known : undefined;
  }

  async #measured(pod: NodePod, atMs: number): Promise<Kept<T> | undefined> {
    try {
      return { atMs, value: await this.#measure(pod) };
    } catch {
      return undefined;
    }
  }
}
