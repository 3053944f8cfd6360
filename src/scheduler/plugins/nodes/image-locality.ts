/**
 * ImageLocality: prefers nodes that already have the images of the pod's containers and volumes, weighted by
 * size and by how many nodes have them. Reads node status.images.
 */

import { startedContainers } from '#api/pods/containers.ts';
import { definePlugin, scoreMax } from '../../framework.ts';

const megabyte = 1024 * 1024;
const sizeMin = 23 * megabyte;
const sizeMaxPerContainer = 1000 * megabyte;

export const imageLocality = definePlugin({
  name: 'ImageLocality',
  weight: 1,
  preScore(pod, _nodes, view) {
    const containers = startedContainers(pod.pod.spec);
    const volumes = pod.pod.spec?.volumes?.flatMap((volume) => volume.image?.reference ?? []) ?? [];
    const images = [...containers.map((container) => container.image ?? ''), ...volumes]
      .map(normalized)
      .map((image) => ({ image, spread: view.imageNodeCount(image) / view.nodes.length }))
      .filter(({ spread }) => spread > 0);
    if (images.length === 0) return undefined;
    const sizeMax = sizeMaxPerContainer * containers.length;
    return {
      score(node) {
        let sum = 0;
        for (const { image, spread } of images) sum += Math.trunc((node.images.get(image) ?? 0) * spread);
        const clipped = Math.min(Math.max(sum, sizeMin), sizeMax);
        return Math.trunc((scoreMax * (clipped - sizeMin)) / (sizeMax - sizeMin));
      },
    };
  },
});

/** A name without tag means `:latest`. */
function normalized(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
}
