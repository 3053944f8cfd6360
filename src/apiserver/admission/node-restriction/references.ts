/** What of the API a mirror pod refers to: its node would come to it by a pod that it makes itself. */

import type { Pod, Volume } from '#api/generated/types.gen.ts';
import { findReferences } from '#api/pods/references.ts';

type Source = keyof Volume & string;

/** In the order in which upstream looks. */
const refused: readonly (readonly [Source, string])[] = [
  ['configMap', 'configmaps (via configmap volumes)'],
  ['secret', 'secrets (via secret volumes)'],
  ['csi', 'csidrivers (via CSI volumes)'],
  ['glusterfs', 'endpoints (via glusterFS volumes)'],
  ['persistentVolumeClaim', 'persistentvolumeclaims'],
  ['ephemeral', 'persistentvolumeclaims (via ephemeral volumes)'],
  ['azureFile', 'secrets (via azureFile volumes)'],
];

const refusedProjections: readonly (readonly [string, string])[] = [
  ['configMap', 'configmaps (via projected volumes)'],
  ['secret', 'secrets (via projected volumes)'],
  ['serviceAccountToken', 'serviceaccounts (via projected volumes)'],
  ['clusterTrustBundle', 'clustertrustbundles'],
  ['podCertificate', 'podcertificates'],
];

/** The first, in upstream's words. */
export function referenceOf(pod: Pod): string | undefined {
  if (pod.spec?.serviceAccountName) return 'serviceaccounts';
  const { secrets, configMaps } = findReferences(pod);
  if (secrets.size > 0) return 'secrets';
  if (configMaps.size > 0) return 'configmaps';
  if (pod.spec?.resourceClaims?.length) return 'resourceclaims';
  for (const volume of pod.spec?.volumes ?? []) {
    const direct = refused.find(([source]) => volume[source] !== undefined);
    if (direct) return direct[1];
    for (const source of volume.projected?.sources ?? []) {
      const projected = refusedProjections.find(([kind]) => kind in source);
      if (projected) return projected[1];
    }
  }
  return undefined;
}
