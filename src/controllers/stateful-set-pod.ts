/** The pod of a StatefulSet: a name that stays, its own claims, and the revision it was made from. */

import { statefulSets } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import type { Pod, PodTemplateSpec, StatefulSet } from '#api/types.gen.ts';
import { podFromTemplate } from './pod-from-template.ts';
import { claimName } from './stateful-set-claims.ts';

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

/** Which pod of its set it is, for selectors. */
export function identityLabels(name: string, ordinal: number): Record<string, string> {
  return {
    'statefulset.kubernetes.io/pod-name': name,
    'apps.kubernetes.io/pod-index': String(ordinal),
  };
}

export function podOfStatefulSet(
  set: Stored<StatefulSet>,
  ordinal: number,
  template: PodTemplateSpec,
  revision: string,
): Pod {
  const { metadata = {}, ...pod } = podFromTemplate(statefulSets, set, template);
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
      labels: { ...metadata.labels, ...identityLabels(name, ordinal), [revisionLabel]: revision },
    },
    spec: {
      ...spec,
      hostname: name,
      ...(set.spec?.serviceName ? { subdomain: set.spec.serviceName } : {}),
      ...(volumes.length > 0 ? { volumes } : {}),
    },
  };
}
