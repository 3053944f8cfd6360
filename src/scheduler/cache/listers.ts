/** Listers for plugins: objects that the scheduler's cache does not hold, answered from informers. */

import { extendedResourceClaimAnnotation } from '#api/devices/names.ts';
import {
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  deviceClasses,
  namespaces,
  persistentVolumeClaims,
  persistentVolumes,
  podDisruptionBudgets,
  resourceClaims,
  resourceSlices,
  storageClasses,
  volumeAttachments,
} from '#api/generated/kinds.gen.ts';
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  LabelSelector,
  PersistentVolume,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  StorageClass,
  VolumeAttachment,
} from '#api/generated/types.gen.ts';
import { controllerOf } from '#api/meta/controller-of.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Labels } from '#api/selectors/selector.ts';
import { classOfVolume } from '#api/volumes/storage-class.ts';
import type { Informers } from '#client/informers/informer.ts';
import { AssumedVolumes } from './assumed-volumes.ts';
import { ClusterDevices, type DeviceTools } from './cluster-devices.ts';
import type { PodInfo } from './pod-info.ts';
import { workloadSelectors } from './workload-selectors.ts';

const byClass = 'storage-class';
const byNode = 'node';
const byExtendedPod = 'pod with extended resources';

export interface Listers {
  namespaceLabels(namespace: string): Labels | undefined;
  isNamespaceTerminating(namespace: string): boolean;
  disruptionBudgets(namespace: string): readonly PodDisruptionBudget[];
  /** The combined selectors of the pod's Services and its workload; undefined when there are none. */
  workloadSelector(pod: PodInfo): LabelSelector | undefined;
  /** Claims and volumes as the scheduler has decided about them. */
  claim(namespace: string, name: string): Stored<PersistentVolumeClaim> | undefined;
  volume(name: string): Stored<PersistentVolume> | undefined;
  /** Free or not. */
  volumesOfClass(className: string): readonly Stored<PersistentVolume>[];
  readonly assumed: AssumedVolumes;
  storageClass(name: string): StorageClass | undefined;
  csiDriver(name: string): CSIDriver | undefined;
  csiNode(name: string): CSINode | undefined;
  /** Of volumes to a node. */
  attachments(node: string): readonly VolumeAttachment[];
  storageCapacities(className: string): readonly CSIStorageCapacity[];
  readonly devices: ClusterDevices;
}

export const noListers: Listers = {
  namespaceLabels: () => undefined,
  isNamespaceTerminating: () => false,
  disruptionBudgets: () => [],
  workloadSelector: () => undefined,
  claim: () => undefined,
  volume: () => undefined,
  volumesOfClass: () => [],
  assumed: new AssumedVolumes(),
  storageClass: () => undefined,
  csiDriver: () => undefined,
  csiNode: () => undefined,
  attachments: () => [],
  storageCapacities: () => [],
  devices: new ClusterDevices(),
};

/** `tools`: for the plugin that allocates devices. */
export function listersFrom(informers: Informers, tools: DeviceTools): Listers {
  const namespaceInformer = informers.for(namespaces);
  const budgetInformer = informers.for(podDisruptionBudgets);
  const claimInformer = informers.for(persistentVolumeClaims);
  const volumeInformer = informers.for(persistentVolumes);
  const classInformer = informers.for(storageClasses);
  const driverInformer = informers.for(csiDrivers);
  const capacityInformer = informers.for(csiStorageCapacities);
  const csiNodeInformer = informers.for(csiNodes);
  const attachmentInformer = informers.for(volumeAttachments);
  const assumed = new AssumedVolumes();
  const deviceClaimInformer = informers.for(resourceClaims);
  const sources = {
    claims: deviceClaimInformer,
    slices: informers.for(resourceSlices),
    classes: informers.for(deviceClasses),
    extendedClaims: (podUid: string) => deviceClaimInformer.byIndex(byExtendedPod, podUid),
  };
  deviceClaimInformer.addIndex(byExtendedPod, (claim) => {
    const isExtended = claim.metadata.annotations?.[extendedResourceClaimAnnotation] === 'true';
    const owner = isExtended ? controllerOf(claim) : undefined;
    return owner ? [owner.uid] : [];
  });
  attachmentInformer.addIndex(byNode, ({ spec }) => [spec.nodeName]);
  volumeInformer.addIndex(byClass, (volume) => [classOfVolume(volume)]);
  capacityInformer.addIndex(byClass, ({ storageClassName }) => [storageClassName]);

  return {
    namespaceLabels: (name) => namespaceInformer.get(undefined, name)?.metadata.labels,
    isNamespaceTerminating: (name) =>
      namespaceInformer.get(undefined, name)?.metadata.deletionTimestamp !== undefined,
    claim(namespace, name) {
      const claim = claimInformer.get(namespace, name);
      return claim && assumed.claim(claim);
    },
    volume(name) {
      const volume = volumeInformer.get(undefined, name);
      return volume && assumed.volume(volume);
    },
    volumesOfClass: (className) => assumed.volumes(volumeInformer.byIndex(byClass, className)),
    assumed,
    csiDriver: (name) => driverInformer.get(undefined, name),
    csiNode: (name) => csiNodeInformer.get(undefined, name),
    attachments: (node) => attachmentInformer.byIndex(byNode, node),
    storageCapacities: (className) => capacityInformer.byIndex(byClass, className),
    storageClass: (name) => classInformer.get(undefined, name),
    disruptionBudgets: (namespace) => budgetInformer.list(namespace),
    workloadSelector: workloadSelectors(informers),
    devices: new ClusterDevices(sources, tools),
  };
}
