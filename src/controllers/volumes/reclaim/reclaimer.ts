/**
 * Reclaims released volumes as their policy says: deletes what they store, or recycles them. What an external
 * provisioner has created is left to it.
 *
 * Reads volumes, claims and pods; writes volumes with their status, and recycler pods. Follows the reclaiming
 * half of upstream's persistent volume controller, under its identity. It is a controller of its own because
 * deleting may take long, and must not keep claims waiting.
 */

import { persistentVolumeClaims, persistentVolumes, pods as podsType } from '#api/generated/kinds.gen.ts';
import type { PersistentVolume } from '#api/generated/types.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { isPodTerminal } from '#api/pods/state.ts';
import { inTreeFinalizer } from '#api/volumes/annotations.ts';
import { claimKeyOf } from '#api/volumes/binding.ts';
import type { ReadClient } from '#client/client.ts';
import { type ControllerDefinition, defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan, targetOf } from '#client/controllers/plan.ts';
import { type SpecialStep, special } from '#client/controllers/special.ts';
import { watch } from '#client/controllers/watch.ts';
import type { Volume } from '../binder/writes.ts';
import { writeVolume } from '../binder/writes.ts';
import { indexByClaim, podsOfClaim } from '../pods-by-claim.ts';
import { deleterOf } from './deleter.ts';
import { decideRecycling, fail, later } from './recycle.ts';
import { recycledVolume, recyclerName, recyclerNamespace } from './recycler-pod.ts';

/** Deletes a path of the node with everything in it; one that is missing is deleted already. */
export type DeletePath = (path: string) => Promise<void>;

const stepName = 'delete storage';

export function persistentVolumeReclaimer(deletePath: DeletePath): ControllerDefinition {
  return defineController({
    name: 'persistentvolume-reclaimer-controller',
    identity: 'persistent-volume-binder',
    eventSource: 'persistentvolume-controller',
    start({ client, informers }) {
      const volumes = informers.for(persistentVolumes);
      const claims = informers.for(persistentVolumeClaims);
      const pods = informers.for(podsType);
      indexByClaim(pods);
      const usersOf = (volume: Volume) => {
        const key = claimKeyOf(volume) ?? '';
        // A newer claim of that name has another volume, and so do the pods that use it.
        if (claims.get(volume.spec?.claimRef?.namespace, volume.spec?.claimRef?.name ?? '')) return [];
        const users = podsOfClaim(pods, key).filter((pod) => !isPodTerminal(pod));
        return users.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
      };
      const deleteStorage = storageDeletion(client, deletePath);
      return {
        watches: [
          watch({ type: persistentVolumes, filter: isToReclaim }),
          watch({
            type: podsType,
            filter: ({ metadata }) => metadata.namespace === recyclerNamespace,
            keys: ({ metadata }) => recycledVolume(metadata.name) ?? [],
          }),
        ],
        steps: [deleteStorage],
        reconcile(name): Plan {
          const volume = volumes.get(undefined, name);
          if (!volume || !isToReclaim(volume)) return nothingToDo;
          if (volume.spec?.persistentVolumeReclaimPolicy === 'Recycle') {
            const pod = pods.get(recyclerNamespace, recyclerName(name));
            return decideRecycling({ volume, pod, users: usersOf(volume) });
          }
          const deleter = deleterOf(volume);
          if (deleter === 'external') return nothingToDo;
          if ('trouble' in deleter) return later(fail(volume, 'VolumeFailedDelete', deleter.trouble));
          const data = { name, uid: volume.metadata.uid, path: deleter.path };
          return later([special(deleteStorage, `PersistentVolume ${name}`, data)]);
        },
      };
    },
  });
}

function isToReclaim({ spec, status }: PersistentVolume): boolean {
  const policy = spec?.persistentVolumeReclaimPolicy;
  const isReleased = status?.phase === 'Released' || status?.phase === 'Failed';
  return isReleased && (policy === 'Delete' || policy === 'Recycle');
}

interface StoredAt {
  readonly name: string;
  readonly uid: string;
  readonly path: string;
}

/** What is deleted is gone: the server is asked whether the volume is still released. */
function storageDeletion(reader: ReadClient, deletePath: DeletePath): SpecialStep<StoredAt> {
  return {
    name: stepName,
    async carryOut({ name, uid, path }): Promise<Plan> {
      const volume = await unlessMissing(() => reader.get(persistentVolumes, { name }));
      if (volume?.metadata.uid !== uid || !(await isReleased(volume, reader))) return nothingToDo;
      try {
        await deletePath(path);
      } catch (error) {
        return {
          actions: fail(volume, 'VolumeFailedDelete', error instanceof Error ? error.message : String(error)),
        };
      }
      const finalizers = (volume.metadata.finalizers ?? []).filter((each) => each !== inTreeFinalizer);
      const isMarked = finalizers.length !== (volume.metadata.finalizers ?? []).length;
      const unmarked = { ...volume, metadata: { ...volume.metadata, finalizers } };
      return {
        actions: [
          ...(isMarked ? [writeVolume(unmarked)] : []),
          { do: 'delete', ...targetOf(persistentVolumes, volume), uid },
        ],
      };
    },
  };
}

/** Bound to no claim that exists, or to one that has another volume. */
async function isReleased({ metadata, spec }: Volume, reader: ReadClient): Promise<boolean> {
  const { namespace = '', name = '', uid } = spec?.claimRef ?? {};
  if (!uid) return false;
  const claim = await unlessMissing(() => reader.get(persistentVolumeClaims, { namespace, name }));
  if (claim?.metadata.uid !== uid) return true;
  return !!claim.spec?.volumeName && claim.spec.volumeName !== metadata.name;
}

async function unlessMissing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return undefined;
    throw error;
  }
}
