/** Makes the volumes of a real node's pods ready, and keeps in mind where each of them lies. */

import type { Volume } from '#api/generated/types.gen.ts';
import { errorText } from '#base/text/error-text.ts';
import type { NodePod } from '../pod/pod.ts';
import { SetupError } from '../runtime/machine.ts';
import { pluginOf } from '../volumes/plugins.ts';
import type { VolumeContext } from '../volumes/volume.ts';
import type { PodPaths } from './pod-paths.ts';

/** What is the same for all pods of the node. */
export type VolumeTools = Omit<VolumeContext, 'pod' | 'podIps' | 'volumesDir' | 'memoryVolumesDir'>;

function kindOf({ name: _, ...source }: Volume): string {
  return `volumes of kind ${Object.keys(source).join()} are not supported by this kubelet`;
}

export class PodVolumes {
  private readonly tools: VolumeTools;
  private readonly places: PodPaths;
  /** By volume name, by the uid of the pod. */
  private readonly paths = new Map<string, Map<string, string>>();

  constructor(tools: VolumeTools, places: PodPaths) {
    this.tools = tools;
    this.places = places;
  }

  /** Also brings those that are there up to date. Throws `SetupError`. */
  async setUp(pod: NodePod): Promise<void> {
    const { uid } = pod.metadata;
    const paths = this.paths.get(uid) ?? new Map<string, string>();
    this.paths.set(uid, paths);
    const podIps = (pod.status?.podIPs ?? []).flatMap((one) => (one.ip ? [one.ip] : []));
    const volumesDir = this.places.volumes(uid);
    const memoryVolumesDir = this.places.memoryVolumes(uid);
    const context: VolumeContext = { ...this.tools, pod, podIps, volumesDir, memoryVolumesDir };
    for (const volume of pod.spec.volumes ?? []) {
      const plugin = pluginOf(volume);
      try {
        if (!plugin) throw new Error(`no volume plugin matched: ${kindOf(volume)}`);
        paths.set(volume.name, await plugin.setUp(context, volume));
      } catch (error) {
        // A running pod keeps the files it has when their source goes away.
        if (paths.has(volume.name)) continue;
        const message = `MountVolume.SetUp failed for volume "${volume.name}" : ${errorText(error)}`;
        throw new SetupError('FailedMount', message);
      }
    }
  }

  /** Paths on the machine, by volume name. */
  of(podUid: string): ReadonlyMap<string, string> {
    return this.paths.get(podUid) ?? new Map();
  }

  forget(podUid: string): void {
    this.paths.delete(podUid);
    this.tools.tokens.forget(podUid);
  }
}
