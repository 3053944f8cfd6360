/**
 * Decides about one volume: its phase, and whether a binding to a claim that went elsewhere is undone.
 * Follows syncVolume of upstream's persistent volume controller. What is Released is the reclaimer's.
 */

import { boundByController, provisionedBy } from '#api/volumes/annotations.ts';
import { claimKeyOf } from '#api/volumes/binding.ts';
import { hasSameMode } from '#api/volumes/match.ts';
import type { Action, Plan } from '#client/controllers/plan.ts';
import { eventAction } from '../../shared/event-action.ts';
import { resyncMs } from './claim.ts';
import { correctedVolume } from './migration.ts';
import { type Claim, setPhase, type Volume, writeVolume } from './writes.ts';

/** `claim`: the one that the volume names by UID, if it is there. */
export function decideVolume(volume: Volume, claim: Claim | undefined): Plan {
  const corrected = correctedVolume(volume);
  if (corrected !== volume) return { actions: [writeVolume(corrected)] };
  if (!volume.spec?.claimRef?.uid) return { actions: setPhase(volume, 'Available') };
  if (!claim) return { actions: release(volume) };
  if (!claim.spec?.volumeName) return continueBinding(volume, claim);
  if (claim.spec.volumeName === volume.metadata.name) return { actions: setPhase(volume, 'Bound') };
  return { actions: isSpare(volume) ? release(volume) : [unbind(volume)] };
}

/** A failed reclaim stays visible until a later one succeeds. */
function release(volume: Volume): Action[] {
  return volume.status?.phase === 'Failed' ? [] : setPhase(volume, 'Released');
}

/** The claim's key makes the next write, or a user has to choose another volume. */
function continueBinding(volume: Volume, claim: Claim): Plan {
  if (hasSameMode(claim, volume)) return { actions: [{ do: 'wake', keys: [claimKeyOf(volume) ?? ''] }] };
  const { name } = volume.metadata;
  const forVolume = `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${claim.metadata.name}" due to incompatible volumeMode.`;
  const forClaim = `Cannot bind PersistentVolume "${name}" to requested PersistentVolumeClaim due to incompatible volumeMode.`;
  return {
    actions: [
      eventAction(volume, 'Warning', 'VolumeMismatch', forVolume),
      eventAction(claim, 'Warning', 'VolumeMismatch', forClaim),
    ],
    againInMs: resyncMs,
  };
}

/** Provisioned for a claim that was bound to another volume. */
function isSpare({ metadata, spec }: Volume): boolean {
  return (
    metadata.annotations?.[provisionedBy] !== undefined && spec?.persistentVolumeReclaimPolicy === 'Delete'
  );
}

/** Without the reservation; one made by a user stays, without the UID. */
export function unbind(volume: Volume): Action {
  const { claimRef: { uid: _, ...claimRef } = {}, ...spec } = volume.spec ?? {};
  const { [boundByController]: isOurs, ...annotations } = volume.metadata.annotations ?? {};
  if (isOurs === undefined) return writeVolume({ ...volume, spec: { ...spec, claimRef } });
  return writeVolume({ ...volume, spec, metadata: { ...volume.metadata, annotations } });
}
