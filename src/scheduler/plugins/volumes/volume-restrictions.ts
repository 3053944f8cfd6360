/**
 * VolumeRestrictions: a claim with the access mode ReadWriteOncePod is used by one pod at a time.
 *
 * Reads PersistentVolumeClaims and the pods that use them. Upstream's limits for in-tree cloud disks are
 * missing: these
 * volume types are not supported.
 */

import type { ClusterView } from '../../cache/cluster-view.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import { definePlugin, type Filtering, Rejection } from '../../framework.ts';
import { claimsOf } from './pod-claims.ts';

const name = 'VolumeRestrictions';
const inUse = new Rejection(name, [
  'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
]);

export const volumeRestrictions = definePlugin({
  name,
  hints: [
    { kinds: ['Pod/AssignedDelete'], helps: (pod, event) => event.pod?.namespace === pod.namespace },
    { kinds: ['PersistentVolumeClaim'] },
  ],
  preFilter(pod, view): Filtering | undefined {
    const exclusive = new Set(
      claimsOf(pod.pod)
        .map((claim) => claim.name)
        .filter((claim) => {
          const modes = view.listers.claim(pod.namespace, claim)?.spec?.accessModes;
          return modes?.includes('ReadWriteOncePod');
        }),
    );
    if (exclusive.size === 0) return undefined;
    const uses = (other: PodInfo) =>
      other.namespace === pod.namespace && claimsOf(other.pod).some((claim) => exclusive.has(claim.name));
    let users = countUsers(view, uses);
    return {
      filter: () => (users > 0 ? inUse : undefined),
      addPod: (other) => {
        if (uses(other)) users++;
      },
      removePod: (other) => {
        if (uses(other)) users--;
      },
    };
  },
});

function countUsers(view: ClusterView, uses: (pod: PodInfo) => boolean): number {
  let users = 0;
  for (const node of view.nodes) for (const pod of node.pods.values()) if (uses(pod)) users++;
  return users;
}
