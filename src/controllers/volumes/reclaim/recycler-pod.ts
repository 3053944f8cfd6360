/** The pod that empties a volume, with upstream's names, image, command and time limits. */

import { persistentVolumes } from '#api/generated/kinds.gen.ts';
import type { PersistentVolume, Pod, PodSpec, Volume } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { capacityOf } from '#api/volumes/match.ts';
import { controllerReference } from '../../shared/ownership/ownership.ts';

export const recyclerNamespace = 'default';
const prefix = 'recycler-for-';
const image = 'registry.k8s.io/build-image/debian-base:bookworm-v1.0.6';
const script = 'test -e /scrub && find /scrub -mindepth 1 -delete && test -z "$(ls -A /scrub)" || exit 1';
const bytesPerGi = 2 ** 30;

export function recyclerName(volumeName: string): string {
  return `${prefix}${volumeName}`;
}

/** The volume that a pod of this name recycles. */
export function recycledVolume(podName: string): string | undefined {
  return podName.startsWith(prefix) ? podName.slice(prefix.length) : undefined;
}

/** Undefined for a volume that no recycler exists for. */
export function recyclerPod(volume: Stored<PersistentVolume>): Pod | undefined {
  const { hostPath, nfs } = volume.spec ?? {};
  if (hostPath) return podOver(volume, { hostPath: { path: hostPath.path } }, { leastS: 60, perGiS: 30 });
  if (!nfs) return undefined;
  return podOver(volume, { nfs: { server: nfs.server, path: nfs.path } }, { leastS: 300, perGiS: 30 });
}

function podOver(
  volume: Stored<PersistentVolume>,
  source: Omit<Volume, 'name'>,
  { leastS, perGiS }: { leastS: number; perGiS: number },
): Pod {
  const sizeGi = Math.trunc(capacityOf(volume).value() / bytesPerGi);
  const spec: PodSpec = {
    activeDeadlineSeconds: Math.max(leastS, sizeGi * perGiS),
    restartPolicy: 'Never',
    volumes: [{ name: 'vol', ...source }],
    containers: [
      {
        name: 'pv-recycler',
        image,
        command: ['/bin/sh'],
        args: ['-c', script],
        volumeMounts: [{ name: 'vol', mountPath: '/scrub' }],
      },
    ],
  };
  const ownerReferences = [controllerReference(persistentVolumes, volume)];
  return {
    metadata: { name: recyclerName(volume.metadata.name), namespace: recyclerNamespace, ownerReferences },
    spec,
  };
}
