/**
 * What pods take of the disk, a minute old at most, as upstream's figures of volumes: walking through their folders
 * takes long, and several ask for it.
 */

import type { Clock } from '#base/clock.ts';
import type { NodePod } from '../pod/pod.ts';
import type { PodSetup } from '../runtime/machine.ts';

type Measure = NonNullable<PodSetup['storageUse']>;
export type StorageUse = Awaited<ReturnType<Measure>>;

const keptMs = 60_000;
/** Walks at the same time. */
const podsAtOnce = 2;

interface Kept {
  readonly atMs: number;
  readonly use: StorageUse;
}

export class StorageUses {
  readonly #clock: Clock;
  readonly #measure: Measure;
  /** By the uid of the pod. */
  #kept = new Map<string, Kept>();
  #measuring: Promise<ReadonlyMap<string, StorageUse>> | undefined;

  constructor(clock: Clock, measure: Measure) {
    this.#clock = clock;
    this.#measure = measure;
  }

  /** By the uid of the pod; one that could not be measured is left out. Those who ask at the same time share a walk. */
  of(pods: readonly NodePod[]): Promise<ReadonlyMap<string, StorageUse>> {
    this.#measuring ??= this.#read(pods).finally(() => {
      this.#measuring = undefined;
    });
    return this.#measuring;
  }

  async #read(pods: readonly NodePod[]): Promise<ReadonlyMap<string, StorageUse>> {
    const nowMs = this.#clock.monotonicMs();
    const kept = new Map<string, Kept>();
    const waiting = pods.values();
    const next = async () => {
      for (const pod of waiting) {
        const { uid } = pod.metadata;
        const known = this.#kept.get(uid);
        const isFresh = known !== undefined && nowMs - known.atMs < keptMs;
        const use = isFresh ? known.use : await this.#measure(pod).catch(() => undefined);
        if (use) kept.set(uid, { atMs: isFresh ? known.atMs : nowMs, use });
      }
    };
    await Promise.all(Array.from({ length: podsAtOnce }, next));
    this.#kept = kept;
    return new Map(Array.from(kept, ([uid, { use }]) => [uid, use]));
  }
}
