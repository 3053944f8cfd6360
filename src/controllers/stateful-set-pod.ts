/** The pod of a StatefulSet: a name that stays, its own claims, and the revision it was made from. */

import { statefulSets } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import type { PersistentVolumeClaim, Pod, PodTemplateSpec, StatefulSet } from '#api/types.gen.ts';
import { podFromTemplate } from './pod-from-template.ts';

export const revisionLabel = 'controller-revision-hash';

export function podName(set: Stored<StatefulSet>, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`;
}

/** Undefined for a pod that is not named as this set names them. */
export function ordinalOf(set: Stored<StatefulSet>, pod: Stored<Pod>): number | undefined {
  const prefix = `${set.metadata.name}-`;
  const text = pod.metadata.name.slice(prefix.length);
  return pod.metadata.name.startsWith(prefix) && /^[0-9]+$/.test(text) ? Number(text) : undefined;
}

export function podOfStatefulSet(
  set: Stored<StatefulSet>,
  ordinal: number,
  template: PodTemplateSpec,
  revision: string,
): Pod {
  const { metadata: made = {}, ...pod } = podFromTemplate(statefulSets, set, template);
  const { generateName: _generated, ...metadata } = made;
  const name = podName(set, ordinal);
  const spec = pod.spec!;
  const claims = set.spec?.volumeClaimTemplates ?? [];
  const claimed = new Set(claims.map((claim) => claim.metadata?.name));
  const volumes = [
    ...claims.map((claim) => ({
      name: claim.metadata!.name!,
      persistentVolumeClaim: { claimName: claimName(claim, name) },
    })),
    ...(spec.volumes ?? []).filter((volume) => !claimed.has(volume.name)),
  ];
  return {
    ...pod,
    metadata: {
      ...metadata,
      name,
      labels: {
        ...metadata.labels,
        'statefulset.kubernetes.io/pod-name': name,
        'apps.kubernetes.io/pod-index': String(ordinal),
        [revisionLabel]: revision,
      },
    },
    spec: {
      ...spec,
      hostname: name,
      ...(set.spec?.serviceName ? { subdomain: set.spec.serviceName } : {}),
      ...(volumes.length > 0 ? { volumes } : {}),
    },
  };
}

/** The claims a pod needs; they outlive it. */
export function claimsOf(set: Stored<StatefulSet>, ordinal: number): PersistentVolumeClaim[] {
  const name = podName(set, ordinal);
  return (set.spec?.volumeClaimTemplates ?? []).map((template) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...template.metadata,
      name: claimName(template, name),
      namespace: set.metadata.namespace!,
      labels: { ...template.metadata?.labels, ...set.spec?.selector.matchLabels },
    },
    ...(template.spec ? { spec: template.spec } : {}),
  }));
}

function claimName(template: PersistentVolumeClaim, pod: string): string {
  return `${template.metadata?.name}-${pod}`;
}
