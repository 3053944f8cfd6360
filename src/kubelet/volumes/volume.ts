/**
 * The shape of a volume plugin: it sets up one kind of volume on this machine, finds what was set up before,
 * and takes it down.
 *
 * A kubelet that starts again knows nothing but the machine. What it finds there was set up by an earlier
 * life of it, maybe of an older version: volumes of pods that run are kept up to date where they lie, those
 * of pods that are gone are taken down.
 */

import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeSpec,
  Volume,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { InlineVolume } from '#api/volumes/in-tree/translate.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { removeEmptyDirectory } from '#host/files/files.ts';
import { removeAll } from '#host/files/remove-all.ts';
import { unmountUnder } from '#host/kernel/mounts.ts';
import type { KubeletRoot } from '../paths/kubelet-root.ts';
import type { ObjectSource } from '../pod/objects/object-source.ts';
import type { NodePod } from '../pod/pod.ts';
import type { MeasurableVolume, VolumeStats } from '../runtime/machine.ts';
import type { TokenCache } from './token-cache.ts';

/** Where the volumes of one pod lie. */
export interface VolumePlaces {
  /** One directory for each pod of the node, called by its uid. */
  readonly podsDir: string;
  /** `volumes/` of the pod's directory. */
  readonly volumesDir: string;
  /** `volumeDevices/` of the pod's directory: what containers get as block devices. */
  readonly volumeDevicesDir: string;
  /** Mounts that all pods of the node share. */
  readonly pluginsDir: string;
  /**
   * The pod's place on the tmpfs that all pods of the node share: a mount for each volume would cost two
   * programs a pod.
   */
  readonly memoryVolumesDir: string;
}

/** What stands behind a volume of a pod that names a claim. */
export interface ClaimedVolume {
  readonly claim: Stored<PersistentVolumeClaim>;
  readonly volume: Stored<PersistentVolume> & { readonly spec: PersistentVolumeSpec };
}

export interface VolumeContext extends VolumePlaces {
  readonly env: Env;
  readonly client: Client;
  readonly objects: ObjectSource;
  readonly root: KubeletRoot;
  readonly tokens: TokenCache;
  readonly pod: NodePod;
  readonly nodeIp: string;
  readonly podIps: readonly string[];
  readonly allocatable: Record<string, string>;
  /** Of a volume that is a claim's; absent when the pod itself names the source. */
  readonly claimed?: ClaimedVolume;
  /** Of a cloud's disk that the pod itself names: what stands for it. */
  readonly inline?: InlineVolume;
  /** The volume is a cloud's disk, and so its CSI driver's; metrics say it. */
  readonly isMigrated?: boolean;
  /** Records an event about the pod. */
  readonly record: (eventType: 'Normal' | 'Warning', reason: string, message: string) => void;
}

/** A volume as containers get it. */
export interface PodVolume extends MeasurableVolume {
  /** Whatever the mounts of containers say. */
  readonly readOnly: boolean;
}

export interface FoundVolume {
  /** That of the PersistentVolume, or as the pod calls it. */
  readonly name: string;
  readonly path: string;
  /** The mount of the node that it stands on, as `DeviceMounts` names it. */
  readonly device?: string;
  /** Of a CSI volume. */
  readonly driver?: string;
}

/** The source is not one that can be mounted: FailedMount has this message as upstream's `NewMounter`. */
export class NotMountable extends Error {
  override name = 'NotMountable';
}

/** Mounts of the node that pods share under a volume: a formatted disk, a stage of a CSI driver. */
export interface DeviceMounts {
  /** Unique on the node; undefined for a volume that needs none. */
  deviceOf(context: VolumeContext, volume: Volume): Promise<string | undefined>;
  /** Before `setUp`, and harmless when it is mounted. Throws with the message of FailedMount. */
  mount(context: VolumeContext, volume: Volume, device: string): Promise<void>;
  /** From the machine alone: also what a crash has left. */
  find(places: Pick<VolumePlaces, 'pluginsDir'>): Promise<string[]>;
  /** No volume of a pod stands on it any more. */
  unmount(places: Pick<VolumePlaces, 'pluginsDir'>, device: string): Promise<void>;
}

export interface VolumePlugin {
  /** `secret`: its volumes lie in `kubernetes.io~secret/` of their pod's places. */
  readonly name: string;
  /** The field of `Volume` that selects this plugin; absent when only claims lead to it. */
  readonly field?: keyof Volume;
  /** The field of a claim's PersistentVolume that selects this plugin. */
  readonly claimField?: keyof PersistentVolumeSpec;
  /**
   * Containers only read it, whatever their mounts say. A pod that runs keeps it as it is when it cannot be
   * brought up to date.
   */
  readonly readOnly?: true;
  /** The volume follows its source, so that `setUp` is called again with every step of a running pod. */
  repeats?(context: VolumeContext, volume: Volume): boolean;
  /**
   * Sets it up, or updates it. Returns its path on the machine: that of a device when the claim has the mode
   * Block. Throws with the message of FailedMount.
   */
  setUp(context: VolumeContext, volume: Volume): Promise<string>;
  /** The volumes of this plugin that are set up for a pod. */
  find(places: VolumePlaces): Promise<FoundVolume[]>;
  /** Takes down what was found: afterwards `find` does not find it. Nothing in the pod uses it any more. */
  tearDown(volume: FoundVolume): Promise<void>;
  readonly devices?: DeviceMounts;
  /** The driver of a CSI volume, which is measured by its driver. */
  driverOf?(context: VolumeContext, volume: Volume): string;
  /**
   * The node's part of an expansion: makes the mounted volume as large as its PersistentVolume. Absent when
   * nothing of the kind is ever needed.
   */
  expand?(context: VolumeContext, volume: Volume, path: string): Promise<void>;
  /**
   * The size and use of what `setUp` returned, as the driver of the volume reports them; undefined when it reports
   * none. Absent where the machine is asked.
   */
  measure?(path: string, isBlock: boolean): Promise<VolumeStats | undefined>;
}

/** The PersistentVolume behind the volume, or what stands for one; undefined when the pod itself names the source. */
export function persistentVolumeOf({ claimed, inline }: Pick<VolumeContext, 'claimed' | 'inline'>) {
  return claimed?.volume ?? inline;
}

/** Of the PersistentVolume, or as the pod calls it. */
export function volumeName(context: Pick<VolumeContext, 'claimed' | 'inline'>, { name }: Volume): string {
  return persistentVolumeOf(context)?.metadata.name ?? name;
}

export function isBlock({ claimed }: Pick<VolumeContext, 'claimed'>): boolean {
  return claimed?.volume.spec.volumeMode === 'Block';
}

/** Containers must not write to it, whatever their mounts say. */
export function isReadOnly({ persistentVolumeClaim, image }: Volume): boolean {
  return persistentVolumeClaim?.readOnly === true || image !== undefined;
}

/**
 * Unmounts the volume of a file system that is not the kubelet's own making, and removes the mount point
 * alone: were it still mounted, nothing in it would be lost.
 */
export async function removeMountPoint({ path }: FoundVolume): Promise<void> {
  await unmountUnder(path);
  await removeEmptyDirectory(path);
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
