/**
 * What a pod needs of the API server to run. A static pod may need nothing of it; upstream's words, and order, of
 * `HasAPIObjectReference`.
 */

import type { PodSpec, Volume, VolumeProjection } from '#api/generated/types.gen.ts';
import { findReferences } from '#api/pods/references.ts';

/** Undefined for a pod that needs nothing. */
export function apiReference(spec: PodSpec): string | undefined {
  if (spec.serviceAccountName) return 'serviceaccounts';
  const volumes = spec.volumes ?? [];
  // Those of volumes have names of their own below, but for the ones that upstream counts here too.
  const { secrets, configMaps } = findReferences({ spec });
  if (secrets.size > 0) return 'secrets';
  if (configMaps.size > 0) return 'configmaps';
  if (spec.resourceClaims?.length) return 'resourceclaims';
  for (const volume of volumes) {
    const reference = ofVolume(volume);
    if (reference) return reference;
  }
  return undefined;
}

function ofVolume(volume: Volume): string | undefined {
  if (volume.csi) return 'csidrivers (via CSI volumes)';
  if (volume.glusterfs) return 'endpoints (via glusterFS volumes)';
  if (volume.persistentVolumeClaim) return 'persistentvolumeclaims';
  if (volume.ephemeral) return 'persistentvolumeclaims (via ephemeral volumes)';
  for (const source of volume.projected?.sources ?? []) {
    const reference = ofSource(source);
    if (reference) return reference;
  }
  return undefined;
}

function ofSource(source: VolumeProjection): string | undefined {
  if (source.serviceAccountToken) return 'serviceaccounts (via projected volumes)';
  if (source.clusterTrustBundle) return 'clustertrustbundles';
  return source.podCertificate ? 'podcertificates' : undefined;
}
