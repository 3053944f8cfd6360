/** What brings a pod into a queue of the scheduler, by upstream's names. */

import type { ClusterEventKind } from '../framework.ts';

export const entryEvents = {
  podAdd: 'UnschedulablePodAdd',
  podUpdate: 'UnschedulablePodUpdate',
  attemptFailure: 'ScheduleAttemptFailure',
  backoffComplete: 'BackoffComplete',
  earlyPop: 'PopFromBackoffQ',
  parkedTooLong: 'UnschedulableTimeout',
} as const;

const labels: Readonly<Record<ClusterEventKind, string>> = {
  'Node/Add': 'NodeAdd',
  'Node/Delete': 'NodeDelete',
  'Node/Allocatable': 'NodeUpdateNodeAllocatable',
  'Node/DeclaredFeatures': 'NodeUpdateNodeDeclaredFeature',
  'Node/Labels': 'NodeUpdateNodeLabel',
  'Node/Taints': 'NodeUpdateNodeTaint',
  'Pod/AssignedAdd': 'AssignedPodAdd',
  'Pod/AssignedUpdate': 'AssignedPodUpdate',
  'Pod/AssignedDelete': 'AssignedPodDelete',
  PersistentVolumeClaim: 'PersistentVolumeClaimUpdate',
  PersistentVolume: 'PersistentVolumeUpdate',
  StorageClass: 'storage.k8s.io/StorageClassUpdate',
  CSINode: 'storage.k8s.io/CSINodeUpdate',
  CSIDriver: 'storage.k8s.io/CSIDriverUpdate',
  CSIStorageCapacity: 'storage.k8s.io/CSIStorageCapacityUpdate',
  'VolumeAttachment/Delete': 'storage.k8s.io/VolumeAttachmentDelete',
  ResourceClaim: 'resource.k8s.io/ResourceClaimUpdate',
  ResourceSlice: 'resource.k8s.io/ResourceSliceUpdate',
  DeviceClass: 'resource.k8s.io/DeviceClassUpdate',
  'Reservation/Undone': 'AssignedPodDelete',
};

export function eventLabel(kind: ClusterEventKind): string {
  return labels[kind];
}

/** Called with each pod that comes into a queue: which, and upstream's name of what brought it there. */
export type OnEntry = (queue: 'active' | 'backoff' | 'unschedulable', event: string) => void;
