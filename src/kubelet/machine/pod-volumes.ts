/**
 * The volumes of a real node's pods: set up, found again after a restart of the kubelet, kept in mind, and
 * taken down.
 */

import type { Volume } from '#api/generated/types.gen.ts';
import { errorText } from '#base/text/error-text.ts';
import type { NodePod } from '../pod/pod.ts';
import { SetupError } from '../runtime/machine.ts';
import { pluginOf, volumePlugins } from '../volumes/plugins.ts';
import type { VolumeContext, VolumePlaces } from '../volumes/volume.ts';
import type { PodPaths } from './pod-paths.ts';

/** What is the same for all pods of the node. */
export type VolumeTools = Omit<VolumeContext, 'pod' | 'podIps' | keyof VolumePlaces>;

function kindOf({ name: _, ...source }: Volume): string {
  return `volumes of kind ${Object.keys(source).join()} are not supported by this kubelet`;
}

export class PodVolumes {
  readonly #tools: VolumeTools;
  readonly #places: PodPaths;
  /** By volume name, by the uid of the pod. */
  readonly #paths = new Map<string, Map<string, string>>();

  constructor(tools: VolumeTools, places: PodPaths) {
    this.#tools = tools;
    this.#places = places;
  }

  /** Also brings those that are there up to date. Throws `SetupError`. */
  async setUp(pod: NodePod): Promise<void> {
    const { uid } = pod.metadata;
    const paths = this.#paths.get(uid) ?? (await this.#findReadOnly(uid));
    this.#paths.set(uid, paths);
    const podIps = (pod.status?.podIPs ?? []).flatMap((podIP) => (podIP.ip ? [podIP.ip] : []));
    const context: VolumeContext = { ...this.#tools, ...this.#placesOf(uid), pod, podIps };
    for (const volume of pod.spec.volumes ?? []) {
      const plugin = pluginOf(volume);
      try {
        if (!plugin) throw new Error(`no volume plugin matched: ${kindOf(volume)}`);
        paths.set(volume.name, await plugin.setUp(context, volume));
      } catch (error) {
        // A running pod keeps the files it has when their source goes away, over a restart of the kubelet
        // too.
        if (paths.has(volume.name)) continue;
        const message = `MountVolume.SetUp failed for volume "${volume.name}" : ${errorText(error)}`;
        throw new SetupError('FailedMount', message);
      }
    }
  }

  /** Paths on the machine, by volume name. */
  of(podUid: string): ReadonlyMap<string, string> {
    return this.#paths.get(podUid) ?? new Map();
  }

  /** Of a pod whose containers have ended, whether this life of the kubelet knows it or not. */
  async tearDown(podUid: string): Promise<void> {
    this.#paths.delete(podUid);
    this.#tools.tokens.forget(podUid);
    const places = this.#placesOf(podUid);
    // Together: they share their looks at the machine's mounts.
    await Promise.all(
      volumePlugins.map(async (plugin) => {
        const found = await plugin.find(places);
        await Promise.all(found.map((volume) => plugin.tearDown(volume)));
      }),
    );
  }

  #placesOf(podUid: string): VolumePlaces {
    return { volumesDir: this.#places.volumes(podUid), memoryVolumesDir: this.#places.memoryVolumes(podUid) };
  }

  /** Others have to be made ready in any case: a tmpfs is gone when the machine has started again. */
  async #findReadOnly(podUid: string): Promise<Map<string, string>> {
    const paths = new Map<string, string>();
    for (const plugin of volumePlugins.filter(({ readOnly }) => readOnly)) {
      for (const { name, path } of await plugin.find(this.#placesOf(podUid))) paths.set(name, path);
    }
    return paths;
  }
}
