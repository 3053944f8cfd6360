/**
 * Mounts of the node that pods share under their volumes. One is mounted and unmounted in turns with the
 * volumes on it, and unmounted when no pod stands on it: neither one of this life of the kubelet, nor one
 * that an earlier life has left on the machine.
 */

import { TurnByKey } from '#base/collections/turn-by-key.ts';
import type { Log } from '#base/log.ts';
import { errorText } from '#base/text/error-text.ts';
import { listDirectory } from '#host/files/files.ts';
import type { DeviceMounts, VolumePlaces, VolumePlugin } from '../volumes/volume.ts';

interface NodePlaces {
  readonly podsDir: string;
  readonly pluginsDir: string;
  placesOf(podUid: string): VolumePlaces;
  /** Measures an unmount of a volume that stood on the mount; of one that is not known, its plugin is. */
  measure(plugin: VolumePlugin, stood: StoodVolume, work: () => Promise<void>): Promise<void>;
}

interface StoodVolume {
  /** Of a CSI volume. */
  readonly driver?: string | undefined;
  /** It was a cloud's disk. */
  readonly isMigrated?: boolean;
}

export class SharedMounts {
  readonly #places: NodePlaces;
  /** By the uid of the pod: also those that a pod is about to stand on. */
  readonly #wanted = new Map<string, Set<string>>();
  readonly #turns = new TurnByKey();

  constructor(places: NodePlaces) {
    this.#places = places;
  }

  /** `work` mounts it, and on it the volume of the pod. */
  async hold(
    plugin: VolumePlugin,
    device: string,
    podUid: string,
    work: (devices: DeviceMounts) => Promise<void>,
  ): Promise<void> {
    const key = keyOf(plugin, device);
    const wanted = this.#wanted.get(podUid) ?? new Set();
    this.#wanted.set(podUid, wanted.add(key));
    await this.#turns.run(key, () => work(plugin.devices!));
  }

  /** The pod's volumes are down. */
  forget(podUid: string): void {
    this.#wanted.delete(podUid);
  }

  /** Unmounts it unless a pod stands on it. */
  async release(plugin: VolumePlugin, device: string, stood: StoodVolume = {}): Promise<void> {
    await this.#turns.run(keyOf(plugin, device), async () => {
      if (await this.#isInUse(plugin, device)) return;
      await this.#places.measure(plugin, stood, () => plugin.devices!.unmount(this.#places, device));
    });
  }

  /** Those that no pod stands on: a crash, or a driver that was away, has left them. */
  async releaseUnused(plugins: readonly VolumePlugin[], log: Log): Promise<void> {
    const releases = plugins.map(async (plugin) => {
      const found = (await plugin.devices?.find(this.#places)) ?? [];
      // Together: a driver that hangs holds up no other mount.
      await Promise.all(found.map((device) => this.#releaseSafely(plugin, device, log)));
    });
    await Promise.all(releases);
  }

  async #releaseSafely(plugin: VolumePlugin, device: string, log: Log): Promise<void> {
    await this.release(plugin, device).catch((error: unknown) => {
      log.warn('a mount that no pod uses stays', { device, error: errorText(error) });
    });
  }

  async #isInUse(plugin: VolumePlugin, device: string): Promise<boolean> {
    const key = keyOf(plugin, device);
    if ([...this.#wanted.values()].some((devices) => devices.has(key))) return true;
    for (const uid of await listDirectory(this.#places.podsDir)) {
      const found = await plugin.find(this.#places.placesOf(uid));
      if (found.some((volume) => volume.device === device)) return true;
    }
    return false;
  }
}

function keyOf(plugin: VolumePlugin, device: string): string {
  return `${plugin.name}/${device}`;
}
