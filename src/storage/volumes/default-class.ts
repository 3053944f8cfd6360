/** The storage class that claims get when they name none. */

import type { StorageClass } from '#api/generated/types.gen.ts';
import { defaultClassAnnotations } from '#api/volumes/annotations.ts';
import { provisionerName } from './names.ts';

export const defaultStorageClass: StorageClass = {
  metadata: { name: 'standard', annotations: { [defaultClassAnnotations[0]]: 'true' } },
  provisioner: provisionerName,
  volumeBindingMode: 'WaitForFirstConsumer',
  reclaimPolicy: 'Delete',
  allowVolumeExpansion: true,
};
