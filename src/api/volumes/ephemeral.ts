/** Generic ephemeral volumes: claims that a controller creates for a pod, and that belong to it. */

import type { PersistentVolumeClaim, Pod, Volume } from '../generated/types.gen.ts';
import { controllerOf } from '../meta/controller-of.ts';
import type { Stored } from '../meta/object.ts';

/** The name of the claim that the volume of this pod uses, named by it or created for it. */
export function claimNameOf(podName: string, volume: Volume): string | undefined {
  if (volume.persistentVolumeClaim) return volume.persistentVolumeClaim.claimName;
  return volume.ephemeral ? `${podName}-${volume.name}` : undefined;
}

/** The keys `namespace/name` of all claims that the pod uses, named by it or created for it. */
export function claimKeysOf({ metadata, spec }: Stored<Pod>): string[] {
  return (spec?.volumes ?? []).flatMap((volume) => {
    const name = claimNameOf(metadata.name, volume);
    return name === undefined ? [] : [`${metadata.namespace}/${name}`];
  });
}

/** Why the claim of that name is not the pod's ephemeral volume; undefined when it is. */
export function strayClaimReason(pod: Stored<Pod>, claim: PersistentVolumeClaim): string | undefined {
  const { namespace, name } = claim.metadata ?? {};
  if (namespace === pod.metadata.namespace && controllerOf(claim)?.uid === pod.metadata.uid) return undefined;
  const key = `${pod.metadata.namespace}/${pod.metadata.name}`;
  return `PVC ${namespace}/${name} was not created for pod ${key} (pod is not owner)`;
}
