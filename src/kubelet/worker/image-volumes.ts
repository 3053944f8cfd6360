/**
 * Images that containers mount as volumes. Those of all volumes of a pod are pulled before its first container is
 * started, in their order; one that cannot be pulled fails the containers that mount it, and no other. As upstream.
 */

import type { AnyContainer } from '#api/pods/containers.ts';
import type { StartFailure } from '../decide/container-statuses.ts';
import type { ImageAnswer, ImageManager } from '../images/image-manager.ts';
import type { NodePod } from '../pod/pod.ts';
import { untilAborted } from '../pod/until-aborted.ts';
import type { PodSetup } from '../runtime/machine.ts';

/** By the name of the volume. */
export type PulledVolumes = ReadonlyMap<string, ImageAnswer>;

export async function pullImageVolumes(
  images: Pick<ImageManager, 'ensure'>,
  pod: NodePod,
  signal: AbortSignal,
): Promise<PulledVolumes> {
  const pulled = new Map<string, ImageAnswer>();
  for (const { name, image } of pod.spec.volumes ?? []) {
    if (!image) continue;
    const { reference, pullPolicy } = image;
    const wanted = {
      name,
      isVolume: true,
      ...(reference === undefined ? {} : { image: reference }),
      ...(pullPolicy === undefined ? {} : { imagePullPolicy: pullPolicy }),
    };
    pulled.set(name, await untilAborted(images.ensure(pod, wanted, signal), signal));
  }
  return pulled;
}

/** Why the images that the container mounts are not there, in the order of its mounts. */
export function imageVolumeFailures(pulled: PulledVolumes, container: AnyContainer): StartFailure[] {
  return mountedBy(container, pulled).flatMap(([, answer]) => ('failure' in answer ? [answer.failure] : []));
}

/** Throws why one could not be mounted. */
export async function mountImageVolumes(
  setup: Pick<PodSetup, 'mountImage'>,
  pod: NodePod,
  container: AnyContainer,
  pulled: PulledVolumes,
): Promise<void> {
  for (const [volume, answer] of mountedBy(container, pulled)) {
    if ('image' in answer) await setup.mountImage?.(pod, volume, answer.image.id);
  }
}

/** Each volume once, however often it is mounted. */
function mountedBy({ volumeMounts = [] }: AnyContainer, pulled: PulledVolumes): [string, ImageAnswer][] {
  return [...new Set(volumeMounts.map(({ name }) => name))].flatMap((name): [string, ImageAnswer][] => {
    const answer = pulled.get(name);
    return answer ? [[name, answer]] : [];
  });
}
