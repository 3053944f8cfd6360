/** The shape of a volume plugin: it makes one kind of volume ready on this machine and says where it lies. */

import type { Volume } from '#api/generated/types.gen.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { ObjectSource } from '../objects/object-source.ts';
import type { NodePod } from '../pod/pod.ts';
import type { TokenCache } from './token-cache.ts';

export interface VolumeContext {
  readonly env: Env;
  readonly client: Client;
  readonly objects: ObjectSource;
  readonly tokens: TokenCache;
  readonly pod: NodePod;
  readonly nodeIp: string;
  readonly podIps: readonly string[];
  readonly allocatable: Record<string, string>;
  /** `volumes/` of the pod's directory. */
  readonly volumesDir: string;
  /** The pod's place on the tmpfs that all pods of the node share: a mount for each volume would cost two programs a pod. */
  readonly memoryVolumesDir: string;
}

export interface VolumePlugin {
  /** The field of `Volume` that asks for it. */
  readonly field: keyof Volume;
  /** Containers only read it, whatever their mounts say. */
  readonly readOnly?: true;
  /** Makes it ready, or brings it up to date. Returns its path on the machine; throws what FailedMount tells. */
  setUp(context: VolumeContext, volume: Volume): Promise<string>;
}

/** Where a volume of the kubelet's own making lies: `volumes/kubernetes.io~secret/NAME`. */
export function volumeDir(
  context: Pick<VolumeContext, 'volumesDir'>,
  plugin: string,
  volume: Volume,
): string {
  return `${context.volumesDir}/kubernetes.io~${plugin}/${volume.name}`;
}
