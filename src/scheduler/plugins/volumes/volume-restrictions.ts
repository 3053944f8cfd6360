/**
 * VolumeRestrictions: a claim with the access mode ReadWriteOncePod is used by one pod at a time, and two pods
 * that write to the same disk without a claim are not on the same node.
 *
 * Reads PersistentVolumeClaims and the pods that use them.
 */

import type { Volume } from '#api/generated/types.gen.ts';
import type { ClusterView } from '../../cache/cluster-view.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import { definePlugin, type Filtering, Rejection } from '../../framework.ts';
import { conflicts, disksOf } from './disk-conflicts.ts';
import { concernsClaim, namedClaims } from './pod-claims.ts';

const name = 'VolumeRestrictions';
const inUse = new Rejection(name, [
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
]);

const noDisk = new Rejection(name, ['node(s) had no available disk']);

export const volumeRestrictions = definePlugin({
  name,
  hints: [
    { kinds: ['Node/Add'] },
    {
      kinds: ['Pod/AssignedDelete'],
      helps(pod, { pod: deleted }) {
        if (deleted?.namespace !== pod.namespace) return false;
        if (conflicts(disksOf(pod.pod), deleted.pod)) return true;
        const claims = namedClaims(deleted.pod);
        return namedClaims(pod.pod).some((claim) => claims.includes(claim));
      },
    },
    {
      kinds: ['PersistentVolumeClaim'],
      helps: (pod, event) => !event.oldObject && concernsClaim(event, pod, namedClaims(pod.pod)),
    },
  ],
  preFilter(pod, view): Filtering | Rejection | undefined {
    const exclusive = new Set<string>();
    for (const claimName of namedClaims(pod.pod)) {
      const claim = view.listers.claim(pod.namespace, claimName);
      if (!claim) return new Rejection(name, [`persistentvolumeclaim "${claimName}" not found`], true);
      if (claim.spec?.accessModes?.includes('ReadWriteOncePod')) exclusive.add(claimName);
    }
    const disks = disksOf(pod.pod);
    if (exclusive.size === 0 && disks.length === 0) return undefined;
    const uses = (other: PodInfo) =>
      other.namespace === pod.namespace && namedClaims(other.pod).some((claim) => exclusive.has(claim));
    let users = exclusive.size === 0 ? 0 : countUsers(view, uses);
    return {
      filter(node) {
        if (disks.length > 0 && hasConflict(disks, node)) return noDisk;
        return users > 0 ? inUse : undefined;
      },
      addPod: (other) => {
        if (uses(other)) users++;
      },
      removePod: (other) => {
        if (uses(other)) users--;
      },
    };
  },
});

function hasConflict(disks: readonly Volume[], node: NodeInfo): boolean {
  for (const { pod } of node.pods.values()) if (conflicts(disks, pod)) return true;
  return false;
}

function countUsers(view: ClusterView, uses: (pod: PodInfo) => boolean): number {
  let users = 0;
  for (const node of view.nodes) for (const pod of node.pods.values()) if (uses(pod)) users++;
  return users;
}
