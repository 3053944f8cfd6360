/** The columns of PersistentVolume and PersistentVolumeClaim. */

import { persistentVolumeClaims, persistentVolumes } from '../generated/kinds.gen.ts';
import type { KubeObject } from '../meta/object.ts';
import { accessModesText, ageOf, nameOf, unset } from './cells.ts';
import { ageColumn, column, definePrinted, nameColumn, wideColumn } from './define.ts';

const betaClass = 'volume.beta.kubernetes.io/storage-class';

function storageClass(one: KubeObject, name: string | undefined): string {
  return one.metadata?.annotations?.[betaClass] ?? name ?? '';
}

function phase(one: KubeObject & { status?: { phase?: string } }): string {
  return one.metadata?.deletionTimestamp ? 'Terminating' : (one.status?.phase ?? '');
}

export const persistentVolumeColumns = definePrinted(
  persistentVolumes,
  [
    nameColumn,
    column('Capacity'),
    column('Access Modes'),
    column('Reclaim Policy'),
    column('Status'),
    column('Claim'),
    column('StorageClass'),
    column('VolumeAttributesClass'),
    column('Reason'),
    ageColumn,
    wideColumn('VolumeMode'),
  ],
  (one, nowMs) => {
    const claim = one.spec?.claimRef;
    return [
      nameOf(one),
      one.spec?.capacity?.['storage'] ?? '0',
      accessModesText(one.spec?.accessModes),
      one.spec?.persistentVolumeReclaimPolicy ?? '',
      phase(one),
      claim ? `${claim.namespace}/${claim.name}` : '',
      storageClass(one, one.spec?.storageClassName),
      one.spec?.volumeAttributesClassName ?? unset,
      one.status?.reason ?? '',
      ageOf(one, nowMs),
      one.spec?.volumeMode ?? unset,
    ];
  },
);

export const persistentVolumeClaimColumns = definePrinted(
  persistentVolumeClaims,
  [
    nameColumn,
    column('Status'),
    column('Volume'),
    column('Capacity'),
    column('Access Modes'),
    column('StorageClass'),
    column('VolumeAttributesClass'),
    ageColumn,
    wideColumn('VolumeMode'),
  ],
  (one, nowMs) => {
    const volume = one.spec?.volumeName ?? '';
    return [
      nameOf(one),
      phase(one),
      volume,
      volume ? (one.status?.capacity?.['storage'] ?? '0') : '',
      volume ? accessModesText(one.status?.accessModes) : '',
      storageClass(one, one.spec?.storageClassName),
      one.spec?.volumeAttributesClassName ?? unset,
      ageOf(one, nowMs),
      one.spec?.volumeMode ?? unset,
    ];
  },
);
