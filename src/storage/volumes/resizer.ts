/**
 * Makes volumes of this provisioner larger when their claims ask for more. The node's storage grows with the
 * file system in it, so that nothing is left to the kubelet.
 *
 * Reads claims and PersistentVolumes; writes the volume's capacity, the claim's status and events. Follows
 * upstream's external resizer: conditions, statuses of allocated resources, events.
 */

import { persistentVolumeClaims, persistentVolumes } from '#api/generated/kinds.gen.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { quantityValue } from '#api/values/quantity.ts';
import { BackOffs } from '#base/back-off.ts';
import { rfc3339 } from '#base/clock.ts';
import { errorText } from '#base/text/error-text.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo, type Plan, targetOf } from '#client/controllers/plan.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import { type SpecialStep, special } from '#client/controllers/special.ts';
import { watch } from '#client/controllers/watch.ts';
import type { Informer } from '#client/informers/informer.ts';
import { claimEvent } from './claim-event.ts';
import { accountName, provisionerName } from './names.ts';
import { isOwn } from './own-volume.ts';
import { retryLimits } from './retries.ts';
import type { StorageOf } from './storage-of.ts';

type Claim = Stored<PersistentVolumeClaim>;
type Volume = Stored<PersistentVolume>;

interface Views {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly storageOf: StorageOf;
  /** By the key of the claim. */
  readonly retries: BackOffs;
  now(): number;
}

interface Growth {
  readonly claim: Claim;
  readonly volume: Volume;
  /** The quantity that the claim asks for. */
  readonly size: string;
}

/** The size that the claim asks for and its volume's storage does not have; undefined when it has. */
export function wantedSize(claim: Claim, volume: Volume | undefined): string | undefined {
  if (!volume || !isOwn(volume) || volume.metadata.name !== claim.spec?.volumeName) return undefined;
  if (claim.status?.phase !== 'Bound' || claim.metadata.deletionTimestamp) return undefined;
  const wanted = claim.spec?.resources?.requests?.['storage'];
  return quantityValue(wanted) > quantityValue(claim.status?.capacity?.['storage']) ? wanted : undefined;
}

export const resizer = (storageOf: StorageOf) =>
  defineController({
    name: 'local-path-resizer',
    identity: accountName,
    eventSource: `external-resizer ${provisionerName}`,
    start({ env, informers }) {
      const views: Views = {
        claims: informers.for(persistentVolumeClaims),
        volumes: informers.for(persistentVolumes),
        storageOf,
        retries: new BackOffs(() => env.clock.monotonicMs(), retryLimits),
        now: () => env.clock.now(),
      };
      const grow = growStep(views);
      return {
        watches: [
          watch({ type: persistentVolumeClaims, changed: asksForMore }),
          watch({ type: persistentVolumes, filter: () => false }),
        ],
        steps: [grow],
        reconcile: (key) => decide(views, grow, key),
      };
    },
  });

function asksForMore(old: Claim, now: Claim): boolean {
  const requestOf = ({ spec }: Claim) => spec?.resources?.requests?.['storage'];
  return requestOf(old) !== requestOf(now) || old.status?.phase !== now.status?.phase;
}

function decide(views: Views, grow: SpecialStep<string>, key: string): Plan {
  const { retries, storageOf, now } = views;
  const found = growthOf(views, key);
  if (!found || !storageOf(found.volume)) {
    retries.forget(key);
    return nothingToDo;
  }
  const waitMs = retries.remainingMs(key);
  if (waitMs > 0) return { actions: [], againInMs: waitMs };
  const { claim, volume, size } = found;
  const step = special(grow, `PersistentVolume ${volume.metadata.name}`, key);
  if (claim.status?.conditions?.some(({ type }) => type === 'Resizing')) return { actions: [step] };
  const message = `External resizer is resizing volume ${volume.metadata.name}`;
  return { actions: [begun(claim, size, now()), claimEvent(claim, 'Normal', 'Resizing', message), step] };
}

function growStep(views: Views): SpecialStep<string> {
  return {
    name: 'grow storage',
    async carryOut(key) {
      const found = growthOf(views, key);
      const storage = found && views.storageOf(found.volume);
      if (!storage) return nothingToDo;
      const { claim, volume, size } = found;
      try {
        await storage.expand(volume.metadata.name, quantityValue(size));
      } catch (error) {
        return failed(views, found, key, errorText(error));
      }
      const message = 'Resize volume succeeded';
      return {
        actions: [
          setCapacity(volume, size),
          finished(claim, size),
          claimEvent(claim, 'Normal', 'VolumeResizeSuccessful', message),
        ],
      };
    },
  };
}

/** Undefined for a claim whose volume is as large as the claim asks, or is not one of this provisioner. */
function growthOf({ claims, volumes }: Views, key: string): Growth | undefined {
  const claim = claims.get(...splitKey(key));
  const volume = claim && volumes.get(undefined, claim.spec?.volumeName ?? '');
  const size = claim && wantedSize(claim, volume);
  return claim && volume && size !== undefined ? { claim, volume, size } : undefined;
}

function failed({ retries }: Views, { claim, volume }: Growth, key: string, why: string): Plan {
  retries.next(key);
  const { name } = volume.metadata;
  const message = `resize volume "${name}" by resizer "${provisionerName}" failed: ${why}`;
  return {
    actions: [claimEvent(claim, 'Warning', 'VolumeResizeFailed', message)],
    againInMs: retries.delayMs(key),
  };
}

function begun(claim: Claim, size: string, nowMs: number): Action {
  const lastTransitionTime = rfc3339(nowMs);
  return patchStatus(claim, {
    conditions: [{ type: 'Resizing', status: 'True', lastTransitionTime }],
    allocatedResources: { storage: size },
    allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' },
  });
}

function finished(claim: Claim, size: string): Action {
  return patchStatus(claim, {
    capacity: { storage: size },
    conditions: [{ type: 'Resizing', $patch: 'delete' }],
    allocatedResources: { storage: size },
    allocatedResourceStatuses: { storage: null },
  });
}

function patchStatus(claim: Claim, status: object): Action {
  const target = targetOf(persistentVolumeClaims, claim);
  return { do: 'patch', ...target, patchType: 'strategic', patch: { status }, subresource: 'status' };
}

function setCapacity(volume: Volume, size: string): Action {
  const patch = { spec: { capacity: { storage: size } } };
  return { do: 'patch', ...targetOf(persistentVolumes, volume), patchType: 'strategic', patch };
}
