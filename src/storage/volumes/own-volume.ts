/** The PersistentVolumes of this provisioner: how one is made for a claim, and known again. */

import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { externalFinalizer, provisionedBy } from '#api/volumes/annotations.ts';
import { claimReference } from '#api/volumes/binding.ts';
import { volumeNameOf } from './claim-request.ts';
import { provisionerName } from './names.ts';

const hostnameLabel = 'kubernetes.io/hostname';

/** `hostname`: what the node's label of that name says. */
export function volumeFor(
  claim: Stored<PersistentVolumeClaim>,
  { reclaimPolicy = 'Delete', mountOptions, metadata }: Stored<StorageClass>,
  { path, hostname }: { readonly path: string; readonly hostname: string },
): PersistentVolume {
  const { accessModes, resources, volumeMode = 'Filesystem' } = claim.spec ?? {};
  const matchExpressions = [{ key: hostnameLabel, operator: 'In', values: [hostname] }];
  return {
    metadata: {
      name: volumeNameOf(claim),
      annotations: { [provisionedBy]: provisionerName },
      ...(reclaimPolicy === 'Delete' ? { finalizers: [externalFinalizer] } : {}),
    },
    spec: {
      accessModes: accessModes ?? [],
      capacity: { storage: resources?.requests?.['storage'] ?? '0' },
      claimRef: claimReference(claim),
      local: { path },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: metadata.name,
      volumeMode,
      ...(mountOptions ? { mountOptions } : {}),
    },
  };
}

export function isOwn({ metadata }: PersistentVolume): boolean {
  return metadata?.annotations?.[provisionedBy] === provisionerName;
}

/** The hostname that a volume's node affinity names. */
export function hostnameOf({ spec }: PersistentVolume): string | undefined {
  const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const expressions = terms.flatMap(({ matchExpressions = [] }) => matchExpressions);
  return expressions.find(({ key }) => key === hostnameLabel)?.values?.[0];
}
