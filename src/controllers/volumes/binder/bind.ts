/**
 * Binds a claim and a volume to each other by four writes in this order: the volume names the claim, the
 * volume is Bound, the claim names the volume, the claim is Bound. The binder makes one write at a time and
 * decides again when it has seen it, so that whatever interrupts a binding, the rest follows.
 */

import type { PersistentVolumeClaimStatus } from '#api/generated/types.gen.ts';
import { parseQuantity } from '#api/values/quantity.ts';
import { bindCompleted, boundByController, preResizeCapacity } from '#api/volumes/annotations.ts';
import { reserveFor } from '#api/volumes/binding.ts';
import { capacityOf } from '#api/volumes/match.ts';
import type { UpdateAction } from '#client/controllers/plan.ts';
import { type Claim, setPhase, type Volume, writeClaim, writeClaimStatus, writeVolume } from './writes.ts';

/** The next write; none when both are bound. */
export function bindStep(volume: Volume, claim: Claim): UpdateAction[] {
  const reserved = reserveFor(volume, claim);
  if (reserved !== volume) return [writeVolume(reserved)];
  const [phase] = setPhase(volume, 'Bound');
  if (phase) return [phase];
  const named = nameVolume(claim, volume.metadata.name);
  if (named !== claim) return [writeClaim(named)];
  const status = boundStatus(claim, volume);
  return status ? [writeClaimStatus(claim, status)] : [];
}

function nameVolume(claim: Claim, volumeName: string): Claim {
  const isNamed = claim.spec?.volumeName === volumeName;
  const annotations = { ...claim.metadata.annotations };
  if (isNamed && annotations[bindCompleted] !== undefined) return claim;
  if (!isNamed) annotations[boundByController] ??= 'yes';
  annotations[bindCompleted] ??= 'yes';
  return { ...claim, metadata: { ...claim.metadata, annotations }, spec: { ...claim.spec, volumeName } };
}

/**
 * Undefined when the claim has that status. Size and attributes class are taken from the volume only when
 * the claim becomes Bound: later they are the resizer's, and may differ from the volume's on purpose.
 */
function boundStatus(claim: Claim, volume: Volume): PersistentVolumeClaimStatus | undefined {
  const status = { ...claim.status };
  const accessModes = volume.spec?.accessModes ?? [];
  const hasModes = accessModes.join() === (status.accessModes ?? []).join();
  if (status.phase === 'Bound' && hasModes) return undefined;
  if (!hasModes) status.accessModes = accessModes;
  if (status.phase === 'Bound') return status;
  const capacity = boundCapacity(claim, volume);
  const attributes = volume.spec?.volumeAttributesClassName;
  if (capacity) status.capacity = capacity;
  if (status.phase === 'Pending' && attributes !== undefined) {
    status.currentVolumeAttributesClassName = attributes;
  }
  return { ...status, phase: 'Bound' };
}

function boundCapacity(claim: Claim, volume: Volume): Record<string, string> | undefined {
  const before = claim.status?.capacity;
  const preResize = volume.metadata.annotations?.[preResizeCapacity];
  if (preResize !== undefined) {
    return { ...before, storage: parsed(preResize) ?? volume.spec?.capacity?.storage ?? '0' };
  }
  const size = before?.storage;
  const isSame = size !== undefined && parseQuantity(size).compare(capacityOf(volume)) === 0;
  return isSame ? before : volume.spec?.capacity;
}

/** The text, if it is a quantity: annotations are not validated. */
function parsed(text: string): string | undefined {
  try {
    parseQuantity(text);
    return text;
  } catch {
    return undefined;
  }
}
