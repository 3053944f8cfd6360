/** Disks that a pod names itself, without a claim, and that two pods of a node cannot both have. */

import type { Pod, Volume } from '#api/generated/types.gen.ts';

/** Volumes of the pod that may conflict. */
export function disksOf({ spec }: Pod): Volume[] {
  return (spec?.volumes ?? []).filter(
    ({ gcePersistentDisk, awsElasticBlockStore, iscsi, rbd }) =>
      gcePersistentDisk ?? awsElasticBlockStore ?? iscsi ?? rbd,
  );
}

export function conflicts(disks: readonly Volume[], pod: Pod): boolean {
  const others = disks.length > 0 ? disksOf(pod) : [];
  return disks.some((disk) => others.some((other) => isSameDisk(disk, other)));
}

/** Upstream's rules: but for EBS, two readers may share a disk. */
function isSameDisk(a: Volume, b: Volume): boolean {
  const { gcePersistentDisk: gce, awsElasticBlockStore: ebs, iscsi, rbd } = a;
  if (gce && b.gcePersistentDisk?.pdName === gce.pdName && !bothRead(gce, b.gcePersistentDisk)) return true;
  if (ebs && b.awsElasticBlockStore?.volumeID === ebs.volumeID) return true;
  if (iscsi && b.iscsi?.iqn === iscsi.iqn && !bothRead(iscsi, b.iscsi)) return true;
  if (!rbd || !b.rbd || bothRead(rbd, b.rbd)) return false;
  const shares = rbd.monitors.some((monitor) => b.rbd?.monitors.includes(monitor));
  return shares && rbd.pool === b.rbd.pool && rbd.image === b.rbd.image;
}

function bothRead(a: { readOnly?: boolean }, b: { readOnly?: boolean }): boolean {
  return a.readOnly === true && b.readOnly === true;
}
