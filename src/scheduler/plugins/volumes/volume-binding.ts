/**
 * VolumeBinding: a pod is placed only where its volumes are, or can be; volumes of classes that wait for the
 * first consumer are bound or provisioned for the node before the pod is.
 *
 * Reads PersistentVolumeClaims, PersistentVolumes, StorageClasses, CSIDrivers and CSIStorageCapacities;
 * writes the claim's reference into a volume, or the chosen node into a claim.
 */

import type { PluginArguments } from '#api/configuration/scheduler/plugin-arguments.ts';
import type { CSIStorageCapacity, StorageClass } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { isFullyBound } from '#api/volumes/binding.ts';
import { bindsAtFirstUse, classOfClaim } from '#api/volumes/storage-class.ts';
import type { ClusterView } from '../../cache/cluster-view.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import { type ClusterEvent, definePlugin, Rejection } from '../../framework.ts';
import { VolumeReservation } from './bind-pod-volumes.ts';
import {
  type Claim,
  type ClaimsOfPod,
  type Conflict,
  isConflict,
  podVolumeFinder,
} from './find-pod-volumes.ts';
import { claimsOf, concernsClaim, troubleWith } from './pod-claims.ts';
import { limitOf } from './storage-capacity.ts';
import { migratedPluginsAnnotation } from './volume-on-node.ts';

const name = 'VolumeBinding';

const reasons: Readonly<Record<Conflict, string>> = {
  affinity: "node(s) didn't match PersistentVolume's node affinity",
  'no volume': "node(s) didn't find available persistent volumes to bind",
  'no room': 'node(s) did not have enough free storage',
  'volume is gone': 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
};

export const volumeBinding = ({ bindTimeoutSeconds }: PluginArguments['volumeBinding']) =>
  definePlugin({
    name,
    hints: [
      { kinds: ['PersistentVolume', 'Node/Add', 'Node/Labels'] },
      {
        kinds: ['PersistentVolumeClaim'],
        helps(pod, event) {
          const names = claimsOf(pod.pod).map((claim) => claim.name);
          return concernsClaim(event, pod, names);
        },
      },
      { kinds: ['StorageClass'], helps: (_pod, event) => changes(event, allowedTopologies) },
      { kinds: ['CSINode'], helps: (_pod, event) => changes(event, migratedPlugins) },
      { kinds: ['CSIDriver'], helps: stopsCounting },
      { kinds: ['CSIStorageCapacity'], helps: (_pod, event) => givesRoom(event) },
    ],
    preFilter(pod, view) {
      const claims = usableClaims(pod, view);
      if (!claims || claims instanceof Rejection) return claims;
      const find = podVolumeFinder(claims, view.listers);
      if (!find) return undefined;
      return {
        filter(node) {
          const found = find(node);
          return isConflict(found) ? rejection(found) : undefined;
        },
        reserve(node) {
          const found = find(node);
          if (isConflict(found)) return undefined;
          const isNothing = found.bindings.length + found.provisions.length === 0;
          return isNothing
            ? undefined
            : new VolumeReservation(pod, node, found, { view, timeoutMs: bindTimeoutSeconds * 1000 });
        },
      };
    },
  });

/** By the list of conflicts: a cluster without a fitting volume rejects the pod on every node. */
const rejections = new Map<string, Rejection>();

function rejection(conflicts: readonly Conflict[]): Rejection {
  const key = conflicts.join();
  let known = rejections.get(key);
  if (!known) {
    known = new Rejection(
      name,
      conflicts.map((conflict) => reasons[conflict]),
      true,
    );
    rejections.set(key, known);
  }
  return known;
}

/** Undefined for a pod without claims; a Rejection when a claim can be used nowhere at present. */
function usableClaims(pod: PodInfo, view: ClusterView): ClaimsOfPod | Rejection | undefined {
  const named = claimsOf(pod.pod);
  if (named.length === 0) return undefined;
  for (const each of named) {
    const trouble = troubleWith(each, pod, view);
    if (trouble) return new Rejection(name, [trouble], true);
  }
  const claims = named.flatMap((each) => view.listers.claim(pod.namespace, each.name) ?? []);
  const unbound = claims.filter((claim) => !isFullyBound(claim));
  if (!unbound.every((claim) => isDelayed(claim, view))) {
    return new Rejection(name, ['pod has unbound immediate PersistentVolumeClaims'], true);
  }
  return { bound: claims.filter(isFullyBound), delayed: unbound };
}

function isDelayed(claim: Claim, { listers }: ClusterView): boolean {
  return !claim.spec?.volumeName && bindsAtFirstUse(listers.storageClass(classOfClaim(claim)));
}

/** Was the object added, or did its update change what `read` reads? */
function changes({ object, oldObject }: ClusterEvent, read: (object: KubeObject) => unknown): boolean {
  return !!object && (!oldObject || JSON.stringify(read(object)) !== JSON.stringify(read(oldObject)));
}

function allowedTopologies(storageClass: KubeObject): unknown {
  return (storageClass as StorageClass).allowedTopologies;
}

function migratedPlugins({ metadata }: KubeObject): unknown {
  return metadata?.annotations?.[migratedPluginsAnnotation];
}

type Driver = { spec?: { storageCapacity?: boolean } };

/** As upstream, only for pods with an inline volume of the driver. */
function stopsCounting({ pod }: PodInfo, { object, oldObject }: ClusterEvent): boolean {
  const isUsed = pod.spec?.volumes?.some(({ csi }) => csi && csi.driver === object?.metadata?.name);
  const counted = (driver: KubeObject | undefined) => (driver as Driver | undefined)?.spec?.storageCapacity;
  return isUsed === true && counted(oldObject) === true && counted(object) !== true;
}

function givesRoom({ object, oldObject }: ClusterEvent): boolean {
  if (!oldObject) return true;
  const now = limitOf(object as CSIStorageCapacity);
  const before = limitOf(oldObject as CSIStorageCapacity);
  return now !== undefined && (before === undefined || now > before);
}
