/**
 * Feeds the informers' events into the cache and the queue.
 *
 * A pod without a node is queued; a pod with a node is counted there; a terminated pod is not counted.
 */

import {
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  deviceClasses,
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  resourceClaims,
  resourceSlices,
  storageClasses,
  volumeAttachments,
} from '#api/generated/kinds.gen.ts';
import type { Node, Pod } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { isPodTerminal } from '#api/pods/state.ts';
import type { Informers } from '#client/informers/informer.ts';
import type { ClusterCache } from './cache/cache.ts';
import { PodInfo } from './cache/pod-info.ts';
import type { ClusterEventKind } from './framework.ts';
import type { SchedulingQueue } from './queue/queue.ts';

export interface Fed {
  readonly informers: Informers;
  readonly cache: ClusterCache;
  readonly queue: SchedulingQueue;
  /** Pods of other schedulers' names are left alone until they have a node. */
  readonly isOurs: (schedulerName: string) => boolean;
}

/** Returns a function that unsubscribes. */
export function feed(fed: Fed): () => void {
  const { informers, queue } = fed;
  const stops = [feedNodes(fed), feedDevices(fed), feedPods(fed), feedNamespaces(fed), feedClaims(fed)];
  const others: [ResourceType, ClusterEventKind][] = [
    [persistentVolumeClaims, 'PersistentVolumeClaim'],
    [persistentVolumes, 'PersistentVolume'],
    [storageClasses, 'StorageClass'],
    [csiNodes, 'CSINode'],
    [csiDrivers, 'CSIDriver'],
    [csiStorageCapacities, 'CSIStorageCapacity'],
  ];
  for (const [type, kind] of others) {
    const handlers = {
      onAdd: (object: KubeObject) => queue.onEvent({ kind, object }),
      onUpdate: (oldObject: KubeObject, object: KubeObject) => queue.onEvent({ kind, object, oldObject }),
    };
    stops.push(informers.for(type).subscribe(handlers));
  }
  const onDelete = (object: KubeObject) => queue.onEvent({ kind: 'VolumeAttachment/Delete', object });
  stops.push(informers.for(volumeAttachments).subscribe({ onDelete }));
  return () => {
    for (const stop of stops) stop();
  };
}

/** Affinity terms may select namespaces by label. */
function feedNamespaces({ informers, cache }: Fed): () => void {
  return informers.for(namespaces).subscribe({
    onUpdate(old, namespace) {
      const before = JSON.stringify(old.metadata.labels);
      if (before !== JSON.stringify(namespace.metadata.labels)) cache.topology.forgetDescriptions();
    },
  });
}

/** Pods whose volumes are being bound wait for their claims. */
function feedClaims({ informers, cache }: Fed): () => void {
  const { assumed } = cache.listers;
  return informers.for(persistentVolumeClaims).subscribe({
    onUpdate: (_old, claim) => assumed.claimChanged(claim),
    onDelete: (claim) => assumed.claimChanged(claim),
  });
}

/** Claims come before pods: a pod's claims are looked up when it enters the queue. */
function feedDevices({ informers, cache, queue }: Fed): () => void {
  const { devices } = cache.listers;
  const follow = <T extends KubeObject>(
    type: ResourceType<T>,
    kind: ClusterEventKind,
    shown: (object: Stored<T>) => void,
    gone: (object: Stored<T>) => void = shown,
  ) =>
    informers.for(type).subscribe({
      onAdd(object) {
        shown(object);
        queue.onEvent({ kind, object });
      },
      onUpdate(oldObject, object) {
        shown(object);
        queue.onEvent({ kind, object, oldObject });
      },
      onDelete: gone,
    });
  const stops = [
    follow(
      resourceClaims,
      'ResourceClaim',
      (claim) => devices.claimShown(claim),
      (claim) => devices.claimGone(claim),
    ),
    follow(resourceSlices, 'ResourceSlice', () => devices.slicesChanged()),
    follow(deviceClasses, 'DeviceClass', () => devices.classesChanged()),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function feedNodes({ informers, cache, queue }: Fed): () => void {
  return informers.for(nodes).subscribe({
    onAdd(node) {
      queue.onEvent({ kind: 'Node/Add', node: cache.setNode(node) });
    },
    onUpdate(old, node) {
      const info = cache.setNode(node);
      for (const kind of nodeChanges(old, node)) queue.onEvent({ kind, node: info, oldNode: old });
    },
    onDelete(node) {
      cache.removeNode(node.metadata.name);
      queue.onEvent({ kind: 'Node/Delete', oldNode: node });
    },
  });
}

function nodeChanges(old: Node, node: Node): ClusterEventKind[] {
  const kinds: ClusterEventKind[] = [];
  const differs = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b);
  if (differs(old.status?.allocatable, node.status?.allocatable)) kinds.push('Node/Allocatable');
  if (differs(old.metadata?.labels, node.metadata?.labels)) kinds.push('Node/Labels');
  if (differs(old.status?.declaredFeatures, node.status?.declaredFeatures)) {
    kinds.push('Node/DeclaredFeatures');
  }
  if (
    differs(old.spec?.taints, node.spec?.taints) ||
    (old.spec?.unschedulable ?? false) !== (node.spec?.unschedulable ?? false)
  ) {
    kinds.push('Node/Taints');
  }
  return kinds;
}

function feedPods(fed: Fed): () => void {
  const { informers, cache, queue } = fed;
  return informers.for(pods).subscribe({
    onAdd: (pod) => put(fed, pod),
    onUpdate: (old, pod) => put(fed, pod, old),
    onDelete(pod) {
      const info = new PodInfo(pod);
      queue.remove(info.key);
      cache.nominations.remove(info.key);
      cache.nominations.forgetVictim(info.uid);
      takeOff(fed, info.key);
    },
  });

  function put(fed: Fed, pod: Stored<Pod>, old?: Stored<Pod>): void {
    if (isPodTerminal(pod)) {
      const key = keyOf(pod);
      queue.remove(key);
      takeOff(fed, key);
    } else if (pod.spec?.nodeName) putPlaced(fed, pod);
    else if (fed.isOurs(pod.spec?.schedulerName ?? '')) putWaiting(fed, pod, old);
  }
}

function putPlaced({ cache, queue }: Fed, pod: Stored<Pod>): void {
  const key = keyOf(pod);
  queue.remove(key);
  cache.nominations.remove(key);
  const wasAssumed = cache.isAssumed(key);
  const { info, old, node } = cache.setPod(pod);
  if (old && !wasAssumed) queue.onEvent({ kind: 'Pod/AssignedUpdate', pod: info, oldPod: old, node });
  else queue.onEvent({ kind: 'Pod/AssignedAdd', pod: info, node });
}

function putWaiting({ cache, queue }: Fed, pod: Stored<Pod>, old: Stored<Pod> | undefined): void {
  const key = keyOf(pod);
  // The pod is being bound: the informer's state is older than the scheduler's.
  if (cache.isAssumed(key)) return;
  const info = new PodInfo(pod);
  const nominated = pod.status?.nominatedNodeName;
  if (nominated) cache.nominations.set(info, nominated);
  else if (old?.status?.nominatedNodeName) cache.nominations.remove(key);
  if (queue.has(key)) queue.update(info, !old || changesScheduling(old, pod));
  else if (!old) queue.add(info);
}

/** Is the waiting pod to be tried again? Its deletion is no reason, as upstream. */
export function changesScheduling(old: Stored<Pod>, pod: Stored<Pod>): boolean {
  const relevant = ({ metadata, spec, status }: Stored<Pod>) => [
    metadata.labels,
    metadata.annotations,
    spec?.tolerations,
    spec?.schedulingGates,
    spec?.nodeSelector,
    spec?.affinity,
    spec?.containers.map((container) => container.resources),
    spec?.resources,
    status?.resourceClaimStatuses,
  ];
  return JSON.stringify(relevant(old)) !== JSON.stringify(relevant(pod));
}

function takeOff({ cache, queue }: Fed, key: string): void {
  const removed = cache.removePod(key);
  if (removed) queue.onEvent({ kind: 'Pod/AssignedDelete', pod: removed.info, node: removed.node });
}

function keyOf(pod: Stored<Pod>): string {
  return `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
}
