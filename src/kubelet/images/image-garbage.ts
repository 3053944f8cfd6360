/**
 * Removes images that no container has used for a while when the disk gets full, the longest unused first.
 */

import type { Env } from '#base/env.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { PullRecords } from './pull-records.ts';

const highPercent = 85;
const lowPercent = 80;
const ageMinMs = 2 * 60_000;

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
  readonly #lastUsedMs = new Map<string, number>();

  constructor(env: Env, runtime: Runtime, disk: () => Promise<DiskUsage>, records: PullRecords) {
    this.#env = env;
    this.#runtime = runtime;
    this.#disk = disk;
    this.#records = records;
  }

  /** Down to the lower mark, once the disk is fuller than the upper one. */
  async collect(): Promise<void> {
    const { usedBytes, totalBytes } = await this.#disk();
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
    const used = new Set(containers.map((container) => container.imageRef));
    const present = new Set(images.map(({ id }) => id));
    await this.#records.prune(present);
    for (const id of this.#lastUsedMs.keys()) if (!present.has(id)) this.#lastUsedMs.delete(id);
    for (const image of images) {
      if (used.has(image.id) || !this.#lastUsedMs.has(image.id)) this.#lastUsedMs.set(image.id, nowMs);
    }
    let tooMuch = tooMuchBytes;
    if (tooMuch <= 0) return;
    const candidates = images
      .filter((image) => !used.has(image.id) && !image.pinned && image.repoDigests.length > 0)
      .filter((image) => nowMs - this.#lastUsedMs.get(image.id)! >= ageMinMs)
      .sort((a, b) => this.#lastUsedMs.get(a.id)! - this.#lastUsedMs.get(b.id)!);
    for (const image of candidates) {
      if (tooMuch <= 0) return;
      await this.#runtime.removeImage(image.id);
      this.#lastUsedMs.delete(image.id);
      tooMuch -= image.sizeBytes;
    }
  }
}
