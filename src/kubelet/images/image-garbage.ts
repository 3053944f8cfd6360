/**
 * Removes images that no container has used for a while when the disk gets full, the longest unused first.
 */

import type { ImageGarbageLimits } from '#api/configuration/kubelet/images.ts';
import type { Env } from '#base/env.ts';
import type { ImageRecord, Runtime } from '../runtime/runtime.ts';
import type { PullRecords } from './pull-records.ts';

export interface ImageGarbageOptions {
  readonly env: Env;
  readonly runtime: Runtime;
  readonly disk: () => Promise<DiskUsage>;
  readonly records: PullRecords;
  readonly limits: ImageGarbageLimits;
  /** Ids of images that are used without a container of theirs: those that are mounted as volumes. */
  readonly mounted?: () => Promise<readonly string[]>;
}

export interface DiskUsage {
  readonly usedBytes: number;
  readonly totalBytes: number;
}

/** An image loaded by hand cannot be pulled again: only those that came from a registry are ever removed. */
export class ImageGarbage {
  readonly #env: Env;
  readonly #runtime: Runtime;
  readonly #disk: () => Promise<DiskUsage>;
  readonly #records: PullRecords;
  readonly #limits: ImageGarbageLimits;
  readonly #mounted: () => Promise<readonly string[]>;
  readonly #lastUsedMs = new Map<string, number>();

  constructor({ env, runtime, disk, records, limits, mounted = async () => [] }: ImageGarbageOptions) {
    this.#mounted = mounted;
    this.#env = env;
    this.#runtime = runtime;
    this.#disk = disk;
    this.#records = records;
    this.#limits = limits;
  }

  /** Those too long unused; then down to the lower mark, once the disk is fuller than the upper one. */
  async collect(): Promise<void> {
    const { usedBytes, totalBytes } = await this.#disk();
    const { highPercent, lowPercent } = this.#limits;
    const isFull = usedBytes * 100 >= totalBytes * highPercent;
    await this.#remove(isFull ? usedBytes - (totalBytes * lowPercent) / 100 : 0);
  }

  /** All that no container uses, for a node under pressure. */
  async removeUnused(): Promise<void> {
    await this.#remove(Number.POSITIVE_INFINITY);
  }

  async #remove(tooMuchBytes: number): Promise<void> {
    const nowMs = this.#env.clock.monotonicMs();
    const [images, containers] = await Promise.all([
      this.#runtime.listImages(),
      this.#runtime.listContainers(),
    ]);
    const used = new Set([...containers.map(({ imageRef }) => imageRef), ...(await this.#mounted())]);
    const present = new Set(images.map(({ id }) => id));
    await this.#records.prune(present);
    for (const id of this.#lastUsedMs.keys()) if (!present.has(id)) this.#lastUsedMs.delete(id);
    for (const image of images) {
      if (used.has(image.id) || !this.#lastUsedMs.has(image.id)) this.#lastUsedMs.set(image.id, nowMs);
    }
    const { ageMinMs, ageMaxMs = Number.POSITIVE_INFINITY } = this.#limits;
    let tooMuch = tooMuchBytes;
    const unusedMs = ({ id }: ImageRecord) => nowMs - (this.#lastUsedMs.get(id) ?? nowMs);
    const candidates = images
      .filter((image) => !used.has(image.id) && !image.pinned && image.repoDigests.length > 0)
      .filter((image) => unusedMs(image) >= ageMinMs)
      .sort((a, b) => unusedMs(b) - unusedMs(a));
    for (const image of candidates) {
      if (tooMuch <= 0 && unusedMs(image) <= ageMaxMs) return;
      await this.#runtime.removeImage(image.id);
      this.#lastUsedMs.delete(image.id);
      tooMuch -= image.sizeBytes;
    }
  }
}
