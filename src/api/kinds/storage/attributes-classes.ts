/** The classes of volume attributes that a claim names. */

import type { PersistentVolumeClaim } from '../../generated/types.gen.ts';

/** The classes that the claim asks for, has now, and is being changed to. */
export function attributesClasses({ spec, status }: PersistentVolumeClaim): string[] {
  const names = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return [...new Set(names.filter((name): name is string => !!name))];
}
