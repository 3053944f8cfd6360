/** The columns of the storage group. */

import {
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  storageClasses,
  volumeAttachments,
  volumeAttributesClasses,
} from '../generated/kinds.gen.ts';
import { ageOf, nameOf, none, unset } from './cells.ts';
import { ageColumn, column, definePrinted, nameColumn } from './define.ts';

const defaultClass = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

export const storageClassColumns = definePrinted(
  storageClasses,
  [
    nameColumn,
    column('Provisioner'),
    column('ReclaimPolicy'),
    column('VolumeBindingMode'),
    column('AllowVolumeExpansion'),
    ageColumn,
  ],
  (one, nowMs) => {
    const isDefault = defaultClass.some((key) => one.metadata?.annotations?.[key] === 'true');
    return [
      isDefault ? `${nameOf(one)} (default)` : nameOf(one),
      one.provisioner,
      one.reclaimPolicy ?? 'Delete',
      one.volumeBindingMode ?? 'Immediate',
      one.allowVolumeExpansion ?? false,
      ageOf(one, nowMs),
    ];
  },
);

export const volumeAttributesClassColumns = definePrinted(
  volumeAttributesClasses,
  [nameColumn, column('DriverName'), ageColumn],
  (one, nowMs) => [nameOf(one), one.driverName, ageOf(one, nowMs)],
);

export const volumeAttachmentColumns = definePrinted(
  volumeAttachments,
  [nameColumn, column('Attacher'), column('PV'), column('Node'), column('Attached', 'boolean'), ageColumn],
  (one, nowMs) => [
    nameOf(one),
    one.spec.attacher,
    one.spec.source.persistentVolumeName ?? '',
    one.spec.nodeName,
    one.status?.attached ?? false,
    ageOf(one, nowMs),
  ],
);

export const csiNodeColumns = definePrinted(
  csiNodes,
  [nameColumn, column('Drivers', 'integer'), ageColumn],
  (one, nowMs) => [nameOf(one), one.spec.drivers?.length ?? 0, ageOf(one, nowMs)],
);

export const csiDriverColumns = definePrinted(
  csiDrivers,
  [
    nameColumn,
    column('AttachRequired', 'boolean'),
    column('PodInfoOnMount', 'boolean'),
    column('StorageCapacity', 'boolean'),
    column('TokenRequests'),
    column('RequiresRepublish', 'boolean'),
    column('Modes'),
    ageColumn,
  ],
  (one, nowMs) => [
    nameOf(one),
    one.spec.attachRequired ?? true,
    one.spec.podInfoOnMount ?? false,
    one.spec.storageCapacity ?? false,
    (one.spec.tokenRequests ?? []).map((request) => request.audience).join(',') || unset,
    one.spec.requiresRepublish ?? false,
    (one.spec.volumeLifecycleModes ?? []).join(',') || none,
    ageOf(one, nowMs),
  ],
);

export const csiStorageCapacityColumns = definePrinted(
  csiStorageCapacities,
  [nameColumn, column('StorageClassName'), column('Capacity')],
  (one) => [nameOf(one), one.storageClassName, one.capacity ?? unset],
);
