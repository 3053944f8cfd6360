/**
 * The claim that a pod's volume names and the PersistentVolume it is bound to, read from the API. Follows
 * upstream's desired state populator: its checks, in its words.
 */

import { persistentVolumeClaims, persistentVolumes } from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeClaim, Volume } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { allContainers } from '#api/pods/containers.ts';
import { claimNameOf, strayClaimReason } from '#api/volumes/ephemeral.ts';
import { errorText } from '#base/text/error-text.ts';
import type { ObjectSource } from '../../pod/objects/object-source.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { ClaimedVolume } from '../volume.ts';

const protection = 'kubernetes.io/pvc-protection';

/** Undefined for a volume without a claim. Throws what keeps the volume from being mounted. */
export async function claimedVolume(
  objects: Pick<ObjectSource, 'get'>,
  pod: NodePod,
  volume: Volume,
): Promise<ClaimedVolume | undefined> {
  const name = claimNameOf(pod.metadata.name, volume);
  if (name === undefined) return undefined;
  const { namespace = '' } = pod.metadata;
  const found = await bound(objects, namespace, name).catch((error: unknown) => {
    throw new Error(`error processing PVC ${namespace}/${name}: ${errorText(error)}`);
  });
  const stray = volume.ephemeral && strayClaimReason(pod, found.claim);
  if (stray) throw new Error(stray);
  mustSuitMounts(pod, volume, found.volume.spec.volumeMode ?? 'Filesystem');
  return found;
}

async function bound(
  objects: Pick<ObjectSource, 'get'>,
  namespace: string,
  name: string,
): Promise<ClaimedVolume> {
  const claim = await objects.get(persistentVolumeClaims, namespace, name);
  if (!claim) {
    const why = `persistentvolumeclaims "${name}" not found`;
    throw new Error(`failed to fetch PVC from API server: ${why}`);
  }
  const volumeName = volumeOf(claim);
  const volume = await objects.get(persistentVolumes, '', volumeName);
  if (!volume?.spec) {
    const why = `persistentvolumes "${volumeName}" not found`;
    throw new Error(`failed to fetch PV ${volumeName} from API server: ${why}`);
  }
  const { spec } = volume;
  const found = `found PV object ${volumeName} but`;
  if (!spec.claimRef) {
    throw new Error(`${found} it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim`);
  }
  if (spec.claimRef.uid !== claim.metadata.uid) {
    const wrong = `pv.Spec.ClaimRef.UID ${spec.claimRef.uid ?? ''} does not point to claim.UID`;
    throw new Error(`${found} its ${wrong} ${claim.metadata.uid}`);
  }
  return { claim, volume: { ...volume, spec } };
}

/** A claim in deletion serves the pods that protect it, and no other. */
function volumeOf({ metadata, spec, status }: Stored<PersistentVolumeClaim>): string {
  if (metadata.deletionTimestamp && !metadata.finalizers?.includes(protection)) {
    throw new Error('PVC is being deleted');
  }
  if (status?.phase !== 'Bound') throw new Error('PVC is not bound');
  if (!spec?.volumeName) throw new Error('PVC has empty pvc.Spec.VolumeName');
  return spec.volumeName;
}

function mustSuitMounts(pod: NodePod, { name }: Volume, mode: string): void {
  const { mounts, devices } = volumesUsed(pod);
  const wrong = (where: string) =>
    new Error(`volume ${name} has volumeMode ${mode}, but is specified in ${where}`);
  if (mounts.has(name) && mode !== 'Filesystem') throw wrong('volumeMounts');
  if (devices.has(name) && mode !== 'Block') throw wrong('volumeDevices');
}

/** The volumes that containers of the pod use; upstream sets up no others. */
export function volumesUsed({ spec }: NodePod): { mounts: Set<string>; devices: Set<string> } {
  const containers = allContainers(spec);
  return {
    mounts: new Set(containers.flatMap((each) => (each.volumeMounts ?? []).map(({ name }) => name))),
    devices: new Set(containers.flatMap((each) => (each.volumeDevices ?? []).map(({ name }) => name))),
  };
}
