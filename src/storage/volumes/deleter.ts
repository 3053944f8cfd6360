/**
 * Removes the storage of released volumes that are to be deleted, and then the volumes. A volume of this
 * provisioner that is to be retained loses the finalizer that only deletion needs.
 *
 * Reads and writes PersistentVolumes. Follows upstream's external provisioner.
 */

import { persistentVolumes } from '#api/generated/kinds.gen.ts';
import type { PersistentVolume } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { externalFinalizer } from '#api/volumes/annotations.ts';
import { BackOffs } from '#base/back-off.ts';
import { errorText } from '#base/text/error-text.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo, type Plan, targetOf } from '#client/controllers/plan.ts';
import { type SpecialStep, special } from '#client/controllers/special.ts';
import { watch } from '#client/controllers/watch.ts';
import type { Informer } from '#client/informers/informer.ts';
import { accountName, provisionerName } from './names.ts';
import { isOwn } from './own-volume.ts';
import { retryLimits } from './retries.ts';
import type { StorageOf } from './storage-of.ts';

type Volume = Stored<PersistentVolume>;

interface Views {
  readonly volumes: Informer<PersistentVolume>;
  readonly storageOf: StorageOf;
  /** By the name of the volume. */
  readonly retries: BackOffs;
}

export const deleter = (storageOf: StorageOf) =>
  defineController({
    name: 'local-path-deleter',
    identity: accountName,
    eventSource: provisionerName,
    start({ env, informers }) {
      const volumes = informers.for(persistentVolumes);
      const retries = new BackOffs(() => env.clock.monotonicMs(), retryLimits);
      const views: Views = { volumes, storageOf, retries };
      const remove = removeStep(views);
      return {
        watches: [watch({ type: persistentVolumes, filter: isOwn })],
        steps: [remove],
        reconcile: (name) => decide(views, remove, name),
      };
    },
  });

function decide({ volumes, storageOf, retries }: Views, remove: SpecialStep<string>, name: string): Plan {
  const volume = volumes.get(undefined, name);
  if (!volume || !isOwn(volume)) {
    retries.forget(name);
    return nothingToDo;
  }
  if (volume.spec?.persistentVolumeReclaimPolicy !== 'Delete') {
    return { actions: withoutFinalizer(volume) };
  }
  if (volume.status?.phase !== 'Released' || !storageOf(volume)) return nothingToDo;
  const waitMs = retries.remainingMs(name);
  if (waitMs > 0) return { actions: [], againInMs: waitMs };
  return { actions: [special(remove, `PersistentVolume ${name}`, name)] };
}

function removeStep({ volumes, storageOf, retries }: Views): SpecialStep<string> {
  return {
    name: 'remove storage',
    async carryOut(name) {
      const volume = volumes.get(undefined, name);
      const storage = volume && storageOf(volume);
      if (!storage) return nothingToDo;
      try {
        await storage.remove(name);
      } catch (error) {
        retries.next(name);
        const message = errorText(error);
        const reason = 'VolumeFailedDelete';
        return {
          actions: [{ do: 'event', regarding: volume, eventType: 'Warning', reason, message }],
          againInMs: retries.delayMs(name),
        };
      }
      const { uid } = volume.metadata;
      return {
        actions: [
          { do: 'delete', ...targetOf(persistentVolumes, volume), uid, ignore: ['NotFound'] },
          ...withoutFinalizer(volume),
        ],
      };
    },
  };
}

function withoutFinalizer(volume: Volume): Action[] {
  if (!volume.metadata.finalizers?.includes(externalFinalizer)) return [];
  const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': [externalFinalizer] } };
  const target = targetOf(persistentVolumes, volume);
  return [{ do: 'patch', ...target, patchType: 'strategic', patch, ignore: ['NotFound'] }];
}
