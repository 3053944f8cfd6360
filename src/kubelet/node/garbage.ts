/**
 * Every minute forgets the pods that are gone and removes what no pod of the node owns: containers, sandboxes,
 * directories, mounts, images. On request frees disk for a node that is short of it.
 */

import { Repeater } from '#base/repeater.ts';
import { ImageGarbage, type ImageGarbageOptions } from '../images/image-garbage.ts';
import type { NodePod } from '../pod/pod.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { collectGarbage, type GarbageParts, removeEndedContainers } from '../worker/container-garbage.ts';
import { Removals } from '../worker/removals.ts';
import type { PodSource } from './pod-source.ts';
import type { PodWorkers } from './pod-workers.ts';

const intervalMs = 60_000;

export interface NodeGarbageParts extends Omit<GarbageParts, 'removals'> {
  readonly workers: PodWorkers;
  readonly podSource: PodSource;
  /** Absent where images are never removed. */
  readonly images: Pick<ImageGarbageOptions, 'disk' | 'records' | 'limits'> | undefined;
}

export class NodeGarbage {
  readonly #parts: NodeGarbageParts & GarbageParts;
  readonly #images: ImageGarbage | undefined;
  readonly #rounds: Repeater;
  /** By themselves: a driver that hangs holds up nothing else. */
  readonly #devices: Repeater;
  #stopped = false;

  constructor(parts: NodeGarbageParts) {
    const { env, runtime, workers, images } = parts;
    this.#parts = { ...parts, removals: new Removals(env) };
    const mounted = () => mountedImages(runtime, workers.pods());
    this.#images = images && new ImageGarbage({ env, runtime, ...images, mounted });
    this.#rounds = new Repeater(env.clock, intervalMs, () => this.#collect());
    this.#devices = new Repeater(env.clock, intervalMs, () => this.#releaseDevices());
  }

  start(): void {
    this.#rounds.start(0);
    this.#devices.start(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#rounds.stop();
    this.#devices.stop();
  }

  /** Frees disk and inodes without ending a pod. */
  async reclaimDisk(): Promise<void> {
    const { workers } = this.#parts;
    await collectGarbage(this.#parts, (uid) => workers.has(uid));
    await removeEndedContainers(this.#parts, (uid) => workers.get(uid)?.hasEnded === true);
    await this.#images?.removeUnused();
  }

  async #collect(): Promise<void> {
    const { env, workers, podSource } = this.#parts;
    try {
      await podSource.synced();
      workers.forgetGone();
      if (this.#stopped) return;
      await collectGarbage(this.#parts, (uid) => workers.has(uid));
      await this.#images?.collect();
    } catch (error) {
      env.log.warn('the node could not be tidied', { error: String(error) });
    }
  }

  async #releaseDevices(): Promise<void> {
    const { env, setup } = this.#parts;
    try {
      await setup.releaseDevices?.();
    } catch (error) {
      env.log.warn('mounts that no pod uses could not be listed', { error: String(error) });
    }
  }
}

/** Ids of the images that the pods have as volumes. */
async function mountedImages(runtime: Runtime, pods: readonly NodePod[]): Promise<string[]> {
  const volumes = pods.flatMap(({ spec }) => spec.volumes ?? []);
  const references = new Set(volumes.flatMap(({ image }) => image?.reference ?? []));
  const found = await Promise.all([...references].map((reference) => runtime.imageStatus(reference)));
  return found.flatMap((image) => image?.id ?? []);
}
