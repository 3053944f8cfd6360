/**
 * The secrets, config maps, claims and service accounts that a pod refers to; computed once for each version
 * of a pod. Mirror pods: none.
 */

import type { Pod, PodSpec, Volume } from '../generated/types.gen.ts';
import { allContainers } from './containers.ts';
import { isMirrorPod } from './mirror-pod.ts';

export interface PodReferences {
  readonly secrets: ReadonlySet<string>;
  readonly configMaps: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
  readonly serviceAccounts: ReadonlySet<string>;
  readonly resourceClaims: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();
/** A node must not gain access by creating a mirror pod. */
const nothing: PodReferences = {
  secrets: none,
  configMaps: none,
  claims: none,
  serviceAccounts: none,
  resourceClaims: none,
};

const known = new WeakMap<Pod, PodReferences>();

export function podReferences(pod: Pod): PodReferences {
  let references = known.get(pod);
  if (!references) {
    references = isMirrorPod(pod) ? nothing : findReferences(pod);
    known.set(pod, references);
  }
  return references;
}

/** Of any pod, including mirror pods. */
export function findReferences(pod: Pod): PodReferences {
  const spec: Partial<PodSpec> = pod.spec ?? {};
  const secrets = new Set<string>();
  const configMaps = new Set<string>();
  const claims = new Set<string>();
  const add = (to: Set<string>, name: string | undefined) => {
    if (name) to.add(name);
  };
  for (const secret of spec.imagePullSecrets ?? []) add(secrets, secret.name);
  for (const volume of spec.volumes ?? []) {
    for (const name of secretsOfVolume(volume)) add(secrets, name);
    add(configMaps, volume.configMap?.name);
    for (const source of volume.projected?.sources ?? []) add(configMaps, source.configMap?.name);
    add(claims, volume.persistentVolumeClaim?.claimName);
    if (volume.ephemeral) add(claims, `${pod.metadata?.name}-${volume.name}`);
  }
  for (const container of allContainers(spec)) {
    for (const { valueFrom } of container.env ?? []) {
      add(secrets, valueFrom?.secretKeyRef?.name);
      add(configMaps, valueFrom?.configMapKeyRef?.name);
    }
    for (const from of container.envFrom ?? []) {
      add(secrets, from.secretRef?.name);
      add(configMaps, from.configMapRef?.name);
    }
  }
  const serviceAccounts = new Set(spec.serviceAccountName ? [spec.serviceAccountName] : []);
  return { secrets, configMaps, claims, serviceAccounts, resourceClaims: resourceClaimsOf(pod) };
}

/** Existing claims: those created for the pod are in its status. */
function resourceClaimsOf({ spec, status }: Pod): Set<string> {
  const made = new Map(
    status?.resourceClaimStatuses?.map(({ name, resourceClaimName }) => [name, resourceClaimName]),
  );
  const names = (spec?.resourceClaims ?? []).map((claim) => claim.resourceClaimName ?? made.get(claim.name));
  names.push(status?.extendedResourceClaimStatus?.resourceClaimName);
  return new Set(names.filter((name): name is string => Boolean(name)));
}

/** `secretRef` and `nodePublishSecretRef` are the names in other volume sources (CSI, iSCSI, …). */
function secretsOfVolume(volume: Volume): (string | undefined)[] {
  const inSources = Object.values(volume).flatMap((source) => {
    if (typeof source !== 'object' || source === null) return [];
    const { secretRef, nodePublishSecretRef } = source as Record<string, { name?: string } | undefined>;
    return [secretRef?.name, nodePublishSecretRef?.name];
  });
  const projected = (volume.projected?.sources ?? []).map((source) => source.secret?.name);
  return [volume.secret?.secretName, volume.azureFile?.secretName, ...projected, ...inSources];
}
