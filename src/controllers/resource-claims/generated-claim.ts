/** The claim that a pod gets from a template. */

import { podClaimAnnotation } from '#api/devices/names.ts';
import { pods as podsType } from '#api/generated/kinds.gen.ts';
import type {
  Pod,
  PodResourceClaim,
  ResourceClaimTemplate,
  ResourceV1ResourceClaim,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { apiVersionOf } from '#api/meta/resource.ts';

/** Room for a hyphen and five random characters in a name of 63. */
const baseLengthMax = 57;

export function generateClaim(
  pod: Stored<Pod>,
  { name: claimName }: PodResourceClaim,
  { spec: { metadata = {}, spec } }: ResourceClaimTemplate,
): ResourceV1ResourceClaim {
  const { namespace = '', name, uid } = pod.metadata;
  return {
    metadata: {
      generateName: baseName(name, claimName),
      namespace,
      ownerReferences: [
        { apiVersion: apiVersionOf(podsType), kind: podsType.kind, name, uid, controller: true },
      ],
      annotations: { ...metadata.annotations, [podClaimAnnotation]: claimName },
      ...(metadata.labels ? { labels: metadata.labels } : {}),
    },
    spec,
  };
}

/**
 * Too long names are cut here, each in proportion to its length, so that both are left to be read; the API
 * server would cut the end alone.
 */
function baseName(podName: string, claimName: string): string {
  const whole = `${podName}-${claimName}-`;
  if (whole.length <= baseLengthMax) return whole;
  const cut = (name: string, length: number) =>
    name.slice(0, Math.floor((name.length * baseLengthMax) / length));
  const pod = cut(podName, whole.length);
  return `${pod}-${cut(claimName, whole.length)}`;
}

/** Does a request of the claim ask for access to devices that others use? */
export function hasAdminAccess({ spec }: Pick<ResourceV1ResourceClaim, 'spec'>): boolean {
  return spec.devices?.requests?.some(({ exactly }) => exactly?.adminAccess) ?? false;
}
