/** The volumes of CSI drivers that pods use, as upstream's limits of volumes count them. */

import type { Pod, Volume } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { inTreePluginOf } from '#api/volumes/in-tree/in-tree-plugins.ts';
import { asCsiVolume, inlineCsiVolume } from '#api/volumes/in-tree/translate.ts';
import { migratedDriver } from '#api/volumes/migration.ts';
import { classOfClaim } from '#api/volumes/storage-class.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Listers } from '../../cache/listers.ts';
import type { Claim } from './find-pod-volumes.ts';
import { claimsOf } from './pod-claims.ts';
import { isSeenAsCsi } from './volume-on-node.ts';

interface DriverVolume {
  readonly driver: string;
  readonly volumeHandle: string;
}

/**
 * The driver of each volume, by driver and handle: two pods may share a volume. What cannot be translated is left out, so
 * that a pod which can never run keeps no other from its node; upstream's attempt for the other pod fails.
 */
export function driversByVolume(pods: Iterable<Stored<Pod>>, listers: Listers): Map<string, string> {
  const drivers = new Map<string, string>();
  for (const pod of pods) {
    for (const { driver, volumeHandle } of [...claimedVolumes(pod, listers), ...inlineVolumes(pod)]) {
      if (driver) drivers.set(`${driver}/${volumeHandle}`, driver);
    }
  }
  return drivers;
}

/** Why a cloud's disk that the pod itself names cannot be its driver's volume; upstream's text. */
export function untranslatedVolume({ metadata, spec }: Stored<Pod>): string | undefined {
  for (const volume of spec?.volumes ?? []) {
    try {
      inlineVolume(volume, metadata.namespace ?? '');
    } catch (error) {
      return `converting volume(${volume.name}) from inline to csi: ${errorText(error)}`;
    }
  }
  return undefined;
}

function claimedVolumes(pod: Stored<Pod>, listers: Listers): DriverVolume[] {
  return claimsOf(pod).flatMap(({ name }) => {
    const claim = listers.claim(pod.metadata.namespace ?? '', name);
    return (claim && volumeOf(claim, listers)) ?? [];
  });
}

function inlineVolumes({ metadata, spec }: Stored<Pod>): DriverVolume[] {
  return (spec?.volumes ?? []).flatMap((volume) => {
    return ifTranslated(() => inlineVolume(volume, metadata.namespace ?? '')) ?? [];
  });
}

function inlineVolume(volume: Volume, namespace: string): DriverVolume | undefined {
  const plugin = inTreePluginOf(volume);
  return plugin && isSeenAsCsi(plugin.name) ? inlineCsiVolume(volume, namespace)?.spec.csi : undefined;
}

function volumeOf(claim: Claim, listers: Listers): DriverVolume | undefined {
  const volume = listers.volume(claim.spec?.volumeName ?? '');
  if (!volume) return futureVolume(claim, listers);
  const plugin = volume.spec && inTreePluginOf(volume.spec);
  if (plugin && !isSeenAsCsi(plugin.name)) return undefined;
  return ifTranslated(() => asCsiVolume(volume).spec?.csi);
}

function futureVolume(claim: Claim, listers: Listers): DriverVolume | undefined {
  const provisioner = listers.storageClass(classOfClaim(claim))?.provisioner;
  if (!provisioner) return undefined;
  // No driver has a handle that begins so.
  const volumeHandle = `claim ${claim.metadata.namespace}/${claim.metadata.name}`;
  const driver = migratedDriver(provisioner);
  if (driver === undefined) return { driver: provisioner, volumeHandle };
  return isSeenAsCsi(provisioner) ? { driver, volumeHandle } : undefined;
}

function ifTranslated<T>(translate: () => T): T | undefined {
  try {
    return translate();
  } catch {
    return undefined;
  }
}
