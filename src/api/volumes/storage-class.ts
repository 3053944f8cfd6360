/** Which storage class claims and volumes have, and when a class binds. */

import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../generated/types.gen.ts';
import { defaultClassOf } from '../meta/default-class.ts';
import { betaStorageClass, defaultClassAnnotations } from './annotations.ts';

/** Undefined when the claim names none: it gets the default class. `''` asks for a volume without a class. */
export function namedClass({ metadata, spec }: PersistentVolumeClaim): string | undefined {
  return metadata?.annotations?.[betaStorageClass] ?? spec?.storageClassName;
}

/** `''` without a class. */
export function classOfClaim(claim: PersistentVolumeClaim): string {
  return namedClass(claim) ?? '';
}

/** `''` without a class. */
export function classOfVolume({ metadata, spec }: PersistentVolume): string {
  return metadata?.annotations?.[betaStorageClass] ?? spec?.storageClassName ?? '';
}

/** Does the class wait until the scheduler has chosen a node? An unknown class does not. */
export function bindsAtFirstUse(storageClass: StorageClass | undefined): boolean {
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
}

/** The class for claims that name none, if any is marked as the default. */
export function defaultClass<T extends StorageClass>(classes: readonly T[]): T | undefined {
  return defaultClassOf(classes, defaultClassAnnotations);
}

export function isDefaultClass(storageClass: StorageClass): boolean {
  return defaultClass([storageClass]) !== undefined;
}
