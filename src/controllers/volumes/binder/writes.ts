/** The writes of the binder. Each is conditional on the version that the decision was made by. */

import { persistentVolumeClaims, persistentVolumes } from '#api/generated/kinds.gen.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { UpdateAction } from '#client/controllers/plan.ts';

export type Volume = Stored<PersistentVolume>;
export type Claim = Stored<PersistentVolumeClaim>;

export function writeVolume(volume: Volume): UpdateAction {
  return { do: 'update', type: persistentVolumes, object: volume };
}

export function writeClaim(claim: Claim): UpdateAction {
  return { do: 'update', type: persistentVolumeClaims, object: claim };
}

export function writeClaimStatus(claim: Claim, status: PersistentVolumeClaim['status']): UpdateAction {
  const object = { ...claim, status };
  return { do: 'update', type: persistentVolumeClaims, object, subresource: 'status' };
}

/** No write when the volume has this phase already. */
export function setPhase(volume: Volume, phase: string, message?: string): UpdateAction[] {
  if (volume.status?.phase === phase) return [];
  const { message: _, ...rest } = volume.status ?? {};
  const status = { ...rest, phase, ...(message ? { message } : {}) };
  return [{ do: 'update', type: persistentVolumes, object: { ...volume, status }, subresource: 'status' }];
}
