/**
 * Decides about one claim: which volume it is bound to, or what is missing. Follows syncClaim of upstream's
 * persistent volume controller.
 */

import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '#api/generated/types.gen.ts';
import { bindCompleted, boundByController, selectedNode } from '#api/volumes/annotations.ts';
import { isReservedFor } from '#api/volumes/binding.ts';
import { findVolume } from '#api/volumes/find-volume.ts';
import {
  capacityOf,
  hasAccessModes,
  hasSameAttributes,
  hasSameMode,
  requestedSize,
} from '#api/volumes/match.ts';
import { bindsAtFirstUse, classOfClaim, classOfVolume, namedClass } from '#api/volumes/storage-class.ts';
import type { Action, Plan } from '#client/controllers/plan.ts';
import { eventAction } from '../../shared/event-action.ts';
import { bindStep } from './bind.ts';
import { correctedClaim } from './migration.ts';
import { askForVolume } from './provision.ts';
import { type Claim, type Volume, writeClaim, writeClaimStatus } from './writes.ts';

/** An unbound claim is looked at this often, and each time reports what it waits for. */
export const resyncMs = 15_000;

export interface ClaimView {
  readonly claim: Claim;
  /** The volume that the claim names, if it is there. */
  readonly named: Volume | undefined;
  /** Volumes that are for the claim alone. */
  readonly reserved: readonly Volume[];
  /** Volumes of its class that name no claim. */
  readonly free: () => readonly Volume[];
  /** The claim's own. */
  readonly storageClass: StorageClass | undefined;
  readonly defaultClass: () => StorageClass | undefined;
  /** Names of the pods that use the claim and have no node yet. */
  readonly waitingPods: () => readonly string[];
}

export function decideClaim(view: ClaimView): Plan {
  const { claim } = view;
  const corrected = correctedClaim(claim);
  if (corrected !== claim) return { actions: [writeClaim(corrected)] };
  if (claim.metadata.annotations?.[bindCompleted] !== undefined) return { actions: decideBound(view) };
  const actions = claim.spec?.volumeName ? decideNaming(view) : decideUnbound(view);
  return { actions, againInMs: resyncMs };
}

/** The binding was completed before: a claim without its volume is lost, as are its data. */
function decideBound({ claim, named }: ClaimView): Action[] {
  if (!claim.spec?.volumeName) {
    return lose(
      claim,
      'ClaimLost',
      'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!',
    );
  }
  if (!named) {
    return lose(claim, 'ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
  }
  const { claimRef } = named.spec ?? {};
  if (!claimRef || claimRef.uid === claim.metadata.uid) return bindStep(named, claim);
  return lose(
    claim,
    'ClaimMisbound',
    'Two claims are bound to the same volume, this one is bound incorrectly',
  );
}

function lose(claim: Claim, reason: string, message: string): Action[] {
  if (claim.status?.phase === 'Lost') return [];
  return [
    writeClaimStatus(claim, unboundStatus(claim, 'Lost')),
    eventAction(claim, 'Warning', reason, message),
  ];
}

/** A user wants this volume and no other. */
function decideNaming({ claim, named }: ClaimView): Action[] {
  if (!named) return stayPending(claim);
  if (isReservedFor(named, claim)) return bindStep(named, claim);
  if (named.spec?.claimRef) {
    const message = `volume "${named.metadata.name}" already bound to a different claim.`;
    const event = eventAction(claim, 'Warning', 'FailedBinding', message);
    const isOurs = claim.metadata.annotations?.[boundByController] !== undefined;
    return isOurs ? [event] : [event, ...stayPending(claim)];
  }
  const mismatch = mismatchOf(named, claim);
  if (!mismatch) return bindStep(named, claim);
  const message = `Cannot bind to requested volume "${named.metadata.name}": ${mismatch}`;
  return [eventAction(claim, 'Warning', 'VolumeMismatch', message), ...stayPending(claim)];
}

function mismatchOf(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  const { name, deletionTimestamp } = volume.metadata ?? {};
  if (deletionTimestamp) return `the volume is marked for deletion "${name}"`;
  if (capacityOf(volume).units() < requestedSize(claim).units()) return 'requested PV is too small';
  if (classOfVolume(volume) !== classOfClaim(claim)) return 'storageClassName does not match';
  if (!hasSameAttributes(claim, volume)) return 'volumeAttributesClassName does not match';
  if (!hasSameMode(claim, volume)) return 'incompatible volumeMode';
  return hasAccessModes(claim, volume) ? undefined : 'incompatible accessMode';
}

function decideUnbound(view: ClaimView): Action[] {
  const { claim, storageClass } = view;
  const isDelayed = bindsAtFirstUse(storageClass);
  const volume = begunBinding(view) ?? findBest(view, isDelayed);
  if (volume) return bindStep(volume, claim);
  const chosen = namedClass(claim) === undefined ? view.defaultClass() : undefined;
  if (chosen) {
    return [writeClaim({ ...claim, spec: { ...claim.spec, storageClassName: chosen.metadata?.name ?? '' } })];
  }
  if (isDelayed && claim.metadata.annotations?.[selectedNode] === undefined) {
    return [awaitConsumer(claim, view.waitingPods()), ...stayPending(claim)];
  }
  if (classOfClaim(claim)) return askForVolume(claim, storageClass);
  const message = 'no persistent volumes available for this claim and no storage class is set';
  return [eventAction(claim, 'Normal', 'FailedBinding', message), ...stayPending(claim)];
}

/** A binding that has begun is finished, although a better volume may have appeared. */
function begunBinding({ claim, reserved }: ClaimView): Volume | undefined {
  const begun = reserved.filter(({ spec }) => spec?.claimRef?.uid === claim.metadata.uid);
  return begun.length === 0 ? undefined : findVolume(claim, begun);
}

function findBest({ claim, reserved, free }: ClaimView, isDelayed: boolean): Volume | undefined {
  return isDelayed ? findVolume(claim, reserved) : findVolume(claim, [...reserved, ...free()]);
}

function awaitConsumer(claim: Claim, pods: readonly string[]): Action {
  if (pods.length === 0) {
    const message = 'waiting for first consumer to be created before binding';
    return eventAction(claim, 'Normal', 'WaitForFirstConsumer', message);
  }
  const message = `waiting for ${pods.length > 1 ? 'pods' : 'pod'} ${pods.join(',')} to be scheduled`;
  return eventAction(claim, 'Normal', 'WaitForPodScheduled', message);
}

function stayPending(claim: Claim): Action[] {
  const { phase, accessModes, capacity, currentVolumeAttributesClassName: attributes } = claim.status ?? {};
  if (phase === 'Pending' && !accessModes && !capacity && attributes === undefined) return [];
  return [writeClaimStatus(claim, unboundStatus(claim, 'Pending'))];
}

/** The status without what a claim has from its volume: capacity, access modes and attributes class. */
function unboundStatus({ status }: Claim, phase: string): PersistentVolumeClaim['status'] {
  const { accessModes, capacity, currentVolumeAttributesClassName, ...rest } = status ?? {};
  return { ...rest, phase };
}
