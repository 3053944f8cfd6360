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
import { type SpecialStep, special } from '#client/controllers/special.ts';
import { watch } from '#client/controllers/watch.ts';
import { accountName, provisionerName } from './names.ts';
import { isOwn } from './own-volume.ts';
import { retryLimits } from './retries.ts';
import type { StorageOf } from './storage-of.ts';

type Claim = Stored<PersistentVolumeClaim>;
type Volume = Stored<PersistentVolume>;

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
      const claims = informers.for(persistentVolumeClaims);
      const volumes = informers.for(persistentVolumes);
      const retries = new BackOffs(() => env.clock.monotonicMs(), retryLimits);
      const find = (key: string) => {
        const [namespace = '', name = ''] = key.split('/');
        const claim = claims.get(namespace, name);
        const volume = claim && volumes.get(undefined, claim.spec?.volumeName ?? '');
        const size = claim && wantedSize(claim, volume);
        return claim && volume && size !== undefined ? { claim, volume, size } : undefined;
      };

      const grow: SpecialStep<string> = {
        name: 'grow storage',
        async carryOut(key) {
          const found = find(key);
          const storage = found && storageOf(found.volume);
          if (!storage) return nothingToDo;
          const { claim, volume, size } = found;
          try {
            await storage.expand(volume.metadata.name, quantityValue(size));
          } catch (error) {
            retries.next(key);
            const why = `resize volume "${volume.metadata.name}" by resizer "${provisionerName}" failed: ${errorText(error)}`;
            return {
              actions: [event(claim, 'Warning', 'VolumeResizeFailed', why)],
              againInMs: retries.delayMs(key),
            };
          }
          return {
            actions: [
              setCapacity(volume, size),
              finished(claim, size),
              event(claim, 'Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded'),
            ],
          };
        },
      };

      return {
        watches: [
          watch({
            type: persistentVolumeClaims,
            changed: (old, now) =>
              old.spec?.resources?.requests?.['storage'] !== now.spec?.resources?.requests?.['storage'] ||
              old.status?.phase !== now.status?.phase,
          }),
          watch({ type: persistentVolumes, filter: () => false }),
        ],
        steps: [grow],
        reconcile(key): Plan {
          const found = find(key);
          if (!found || !storageOf(found.volume)) {
            retries.forget(key);
            return nothingToDo;
          }
          const waitMs = retries.remainingMs(key);
          if (waitMs > 0) return { actions: [], againInMs: waitMs };
          const { claim, volume, size } = found;
          const message = `External resizer is resizing volume ${volume.metadata.name}`;
          const isBegun = claim.status?.conditions?.some(({ type }) => type === 'Resizing');
          return {
            actions: [
              ...(isBegun
                ? []
                : [begun(claim, size, env.clock.now()), event(claim, 'Normal', 'Resizing', message)]),
              special(grow, `PersistentVolume ${volume.metadata.name}`, key),
            ],
          };
        },
      };
    },
  });

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

function event(regarding: Claim, eventType: 'Normal' | 'Warning', reason: string, message: string): Action {
  return { do: 'event', regarding, eventType, reason, message };
}
