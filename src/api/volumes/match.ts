/** Does a volume satisfy a claim? Compiled once for a claim, called for many volumes. */

import type { PersistentVolume, PersistentVolumeClaim } from '../generated/types.gen.ts';
import { selectorFromLabelSelector } from '../selectors/selector.ts';
import { parseQuantity, type Quantity, zeroQuantity } from '../values/quantity.ts';
import { isReservedFor } from './binding.ts';
import { classOfClaim, classOfVolume } from './storage-class.ts';

/** `reserved`: made or bound for this claim. `free`: available for any claim that it satisfies. */
export type Match = 'reserved' | 'free';

/**
 * As upstream, a reserved volume needs the size, the mode and the attributes class; the access modes are the
 * caller's question. Throws SelectorError for a selector that does not parse.
 */
export function volumeMatcher(claim: PersistentVolumeClaim): (volume: PersistentVolume) => Match | undefined {
  const size = requestedSize(claim);
  const className = classOfClaim(claim);
  const selector = claim.spec?.selector && selectorFromLabelSelector(claim.spec.selector);
  return (volume) => {
    const isReserved = isReservedFor(volume, claim);
    if (volume.spec?.claimRef && !isReserved) return undefined;
    if (volume.metadata?.deletionTimestamp || capacityOf(volume).compare(size) < 0) return undefined;
    if (!hasSameMode(claim, volume) || !hasSameAttributes(claim, volume)) return undefined;
    if (isReserved) return 'reserved';
    if (volume.status?.phase !== 'Available' || classOfVolume(volume) !== className) return undefined;
    return selector && !selector.matches(volume.metadata?.labels ?? {}) ? undefined : 'free';
  };
}

export function requestedSize({ spec }: PersistentVolumeClaim): Quantity {
  return amount(spec?.resources?.requests?.storage);
}

export function capacityOf({ spec }: PersistentVolume): Quantity {
  return amount(spec?.capacity?.storage);
}

function amount(text: string | undefined): Quantity {
  return text === undefined ? zeroQuantity : parseQuantity(text);
}

export function hasSameMode(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  return (claim.spec?.volumeMode ?? 'Filesystem') === (volume.spec?.volumeMode ?? 'Filesystem');
}

/** The class of volume attributes, not the storage class. */
export function hasSameAttributes(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  return (claim.spec?.volumeAttributesClassName ?? '') === (volume.spec?.volumeAttributesClassName ?? '');
}

export function hasAccessModes(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  const modes = volume.spec?.accessModes ?? [];
  return (claim.spec?.accessModes ?? []).every((mode) => modes.includes(mode));
}
