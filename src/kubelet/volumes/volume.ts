/**
 * The shape of a volume plugin: it sets up one kind of volume on this machine, finds what was set up before,
 * and takes it down.
 *
 * A kubelet that starts again knows nothing but the machine. What it finds there was set up by an earlier
 * life of it, maybe of an older version: volumes of pods that run are kept up to date where they lie, those
 * of pods that are gone are taken down.
 */

import type { Volume } from '#api/generated/types.gen.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { removeAll } from '#host/files/files.ts';
import { unmountUnder } from '#host/kernel/mounts.ts';
import type { ObjectSource } from '../objects/object-source.ts';
import type { NodePod } from '../pod/pod.ts';
import type { TokenCache } from './token-cache.ts';

/** Where the volumes of one pod lie. */
export interface VolumePlaces {
  /** `volumes/` of the pod's directory. */
  readonly volumesDir: string;
  /**
   * The pod's place on the tmpfs that all pods of the node share: a mount for each volume would cost two
   * programs a pod.
   */
  readonly memoryVolumesDir: string;
}

export interface VolumeContext extends VolumePlaces {
  readonly env: Env;
  readonly client: Client;
  readonly objects: ObjectSource;
  readonly tokens: TokenCache;
  readonly pod: NodePod;
  readonly nodeIp: string;
  readonly podIps: readonly string[];
  readonly allocatable: Record<string, string>;
}

export interface FoundVolume {
  /** As the pod calls it. */
  readonly name: string;
  readonly path: string;
}

export interface VolumePlugin {
  /** `secret`: its volumes lie in `kubernetes.io~secret/` of their pod's places. */
  readonly name: string;
  /** The field of `Volume` that selects this plugin. */
  readonly field: keyof Volume;
  /**
   * Containers only read it, whatever their mounts say. A pod that runs keeps it as it is when it cannot be
   * brought up to date.
   */
  readonly readOnly?: true;
  /** Sets it up, or updates it. Returns its path on the machine; throws with the message of FailedMount. */
  setUp(context: VolumeContext, volume: Volume): Promise<string>;
  /** The volumes of this plugin that are set up for a pod. */
  find(places: VolumePlaces): Promise<FoundVolume[]>;
  /** Takes down what was found: afterwards `find` does not find it. Nothing in the pod uses it any more. */
  tearDown(volume: FoundVolume): Promise<void>;
}

/**
 * Removes a directory of the kubelet's own making. What is mounted there, or below it by a container with
 * mount propagation, is unmounted first: removal would go on into the other file system.
 */
export async function removeUnmounted({ path }: FoundVolume): Promise<void> {
  await unmountUnder(path);
  await removeAll(path);
}

/** `volumes/kubernetes.io~secret`. */
export function pluginDir(placesDir: string, plugin: string): string {
  return `${placesDir}/kubernetes.io~${plugin}`;
}

/** Where a volume of the kubelet's own making lies: `volumes/kubernetes.io~secret/NAME`. */
export function volumeDir(
  { volumesDir }: Pick<VolumePlaces, 'volumesDir'>,
  plugin: string,
  { name }: Pick<Volume, 'name'>,
): string {
  return `${pluginDir(volumesDir, plugin)}/${name}`;
}
