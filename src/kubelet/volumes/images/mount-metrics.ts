/** Counts the mounts of image volumes, one for each start of a container that mounts one, by upstream's names. */

import type { Metric } from '#base/metrics/metric.ts';
import { PlainCounter } from '#base/metrics/plain-counter.ts';
import type { ImageMounter } from './image.ts';

export class ImageMountMetrics {
  readonly #requested = new PlainCounter(
    'kubelet_image_volume_requested_total',
    'Image volumes that starting containers mount.',
  );
  readonly #succeeded = new PlainCounter(
    'kubelet_image_volume_mounted_succeed_total',
    'Image volumes that were mounted.',
  );
  readonly #failed = new PlainCounter(
    'kubelet_image_volume_mounted_errors_total',
    'Image volumes that could not be mounted.',
  );

  get metrics(): readonly Metric[] {
    return [this.#requested, this.#succeeded, this.#failed];
  }

  /** The same mounter. */
  measured(mounter: ImageMounter): ImageMounter {
    return {
      mount: async (image, directory) => {
        this.#requested.value++;
        try {
          await mounter.mount(image, directory);
          this.#succeeded.value++;
        } catch (error) {
          this.#failed.value++;
          throw error;
        }
      },
      unmount: (directory) => mounter.unmount(directory),
    };
  }
}
