/** The pod of a StatefulSet: a stable name, its own claims, and the revision it was created from. */

import { statefulSets } from '#api/generated/kinds.gen.ts';
import type { Pod, PodTemplateSpec, StatefulSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { podFromTemplate } from '../../shared/pod-from-template.ts';
import { claimName } from './claims.ts';

export const revisionLabel = 'controller-revision-hash';
const nameLabel = 'statefulset.kubernetes.io/pod-name';
const indexLabel = 'apps.kubernetes.io/pod-index';
const zero = '0'.charCodeAt(0);

export function podName(set: Stored<StatefulSet>, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`;
}

/** Undefined for a pod without a name of this set. */
export function ordinalOf(set: Stored<StatefulSet>, pod: Stored<Pod>): number | undefined {
  const [{ name }, { name: prefix }] = [pod.metadata, set.metadata];
  const start = prefix.length + 1;
  if (name.length <= start || name[prefix.length] !== '-' || !name.startsWith(prefix)) return undefined;
  let ordinal = 0;
  for (let at = start; at < name.length; at++) {
    const digit = name.charCodeAt(at) - zero;
    if (digit < 0 || digit > 9) return undefined;
    ordinal = ordinal * 10 + digit;
  }
  return ordinal;
}

/** The pod's ordinal and name, for selectors. */
export function identityLabels(name: string, ordinal: number): Record<string, string> {
  return { [nameLabel]: name, [indexLabel]: String(ordinal) };
}

export function hasIdentity(labels: Record<string, string>, name: string, ordinal: number): boolean {
  return labels[nameLabel] === name && labels[indexLabel] === String(ordinal);
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
