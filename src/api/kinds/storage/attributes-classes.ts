/** The classes of volume attributes that a claim names. */

import type { PersistentVolumeClaim } from '../../generated/types.gen.ts';

/** Those it wants, has and is on its way to. */
export function attributesClasses({ spec, status }: PersistentVolumeClaim): string[] {
  const names = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return [...new Set(names.filter((name): name is string => !!name))];
}
