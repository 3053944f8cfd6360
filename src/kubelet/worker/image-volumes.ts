/** Pulls and mounts the images that a container mounts as volumes, before it starts. */

import type { AnyContainer } from '#api/pods/containers.ts';
import type { StartFailure } from '../decide/container-statuses.ts';
import type { ImageManager } from '../images/image-manager.ts';
import type { NodePod } from '../pod/pod.ts';
import { untilAborted } from '../pod/until-aborted.ts';
import type { PodSetup } from '../runtime/machine.ts';

interface Tools {
  readonly images: Pick<ImageManager, 'ensure'>;
  readonly setup: Pick<PodSetup, 'mountImage'>;
}

interface MountingContainer {
  readonly pod: NodePod;
  readonly container: AnyContainer;
  readonly signal: AbortSignal;
}

/**
 * Undefined when all are there. Throws why one could not be mounted. A pull fails the container alone, with
 * the reasons and waits of a container's own image, as upstream's does.
 */
export async function prepareImageVolumes(
  { images, setup }: Tools,
  { pod, container, signal }: MountingContainer,
): Promise<StartFailure | undefined> {
  const mounted = new Set((container.volumeMounts ?? []).map(({ name }) => name));
  for (const { name, image } of pod.spec.volumes ?? []) {
    if (!image || !mounted.has(name)) continue;
    const { reference, pullPolicy } = image;
    const puller = {
      name: container.name,
      isVolume: true,
      ...(reference === undefined ? {} : { image: reference }),
      ...(pullPolicy === undefined ? {} : { imagePullPolicy: pullPolicy }),
    };
    const answer = await untilAborted(images.ensure(pod, puller, signal), signal);
    if ('failure' in answer) return answer.failure;
    await setup.mountImage?.(pod, name, answer.image.id);
  }
  return undefined;
}
