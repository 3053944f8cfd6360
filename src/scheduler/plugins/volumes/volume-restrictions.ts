/**
 * VolumeRestrictions: a claim with the access mode ReadWriteOncePod is used by one pod at a time.
 *
 * Reads PersistentVolumeClaims and the pods that use them. Upstream's limits for in-tree cloud disks are
 * missing: these volume types are not supported.
 */

import type { ClusterView } from '../../cache/cluster-view.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import { definePlugin, type Filtering, Rejection } from '../../framework.ts';
import { concernsClaim, namedClaims } from './pod-claims.ts';

const name = 'VolumeRestrictions';
const inUse = new Rejection(name, [
  'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
]);

export const volumeRestrictions = definePlugin({
  name,
  hints: [
    { kinds: ['Node/Add'] },
    {
      kinds: ['Pod/AssignedDelete'],
      helps(pod, { pod: deleted }) {
        if (deleted?.namespace !== pod.namespace) return false;
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
    if (exclusive.size === 0) return undefined;
    const uses = (other: PodInfo) =>
      other.namespace === pod.namespace && namedClaims(other.pod).some((claim) => exclusive.has(claim));
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
