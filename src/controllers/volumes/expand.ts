/**
 * Names, on a claim that requests more than its volume has, who is to expand the volume. Nothing is expanded here: of
 * upstream's plugins only FlexVolume ever was, and kybern has none. CSI drivers and the provisioner of local
 * volumes bring a resizer.
 *
 * Reads claims and volumes; writes the annotation volume.kubernetes.io/storage-resizer on claims whose in-tree
 * plugin has become a CSI driver. Follows upstream's expand controller.
 */

import { persistentVolumeClaims, persistentVolumes } from '#api/generated/kinds.gen.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { parseQuantity, type Quantity, zeroQuantity } from '#api/values/quantity.ts';
import { preResizeCapacity, storageResizer } from '#api/volumes/annotations.ts';
import { requestedSize } from '#api/volumes/match.ts';
import { migratedDriver, migratedPlugin } from '#api/volumes/migration.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo, type Plan, targetOf } from '#client/controllers/plan.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import { eventAction } from '../shared/event-action.ts';

type Claim = Stored<PersistentVolumeClaim>;

export const expand = defineController({
  name: 'expand-controller',
  eventSource: 'volume_expand',
  start({ informers }) {
    const claims = informers.for(persistentVolumeClaims);
    const volumes = informers.for(persistentVolumes);
    return {
      watches: [
        watch({
          type: persistentVolumeClaims,
          on: ['listed', 'added', 'updated'],
          filter: ({ status }) => status?.phase === 'Bound',
          changed: (old, claim) =>
            requestedSize(claim).compare(requestedSize(old)) > 0 || sizeOf(claim).compare(sizeOf(old)) > 0,
        }),
      ],
      reconcile(key): Plan {
        const claim = claims.get(...splitKey(key));
        if (claim?.status?.phase !== 'Bound') return nothingToDo;
        const { volumeName = '' } = claim.spec ?? {};
        const volume = volumes.get(undefined, volumeName);
        if (!volume) throw new Error(missing(volumeName));
        if (volume.spec?.claimRef?.uid !== claim.metadata.uid) {
          throw new Error(`persistent Volume is not bound to PVC being updated : ${key}`);
        }
        return { actions: mayExpand(claim, volume) ? askResizer(claim, volume) : [] };
      },
    };
  },
});

function missing(name: string): string {
  return `failed to get PV "${name}": persistentvolumes "${name}" not found`;
}

function mayExpand(claim: Claim, { metadata }: Stored<PersistentVolume>): boolean {
  const isWaitingForNode = metadata.annotations?.[preResizeCapacity] !== undefined;
  return isWaitingForNode || requestedSize(claim).compare(sizeOf(claim)) > 0;
}

/** The size of the volume that the claim has now. */
function sizeOf({ status }: PersistentVolumeClaim): Quantity {
  const size = status?.capacity?.storage;
  return size === undefined ? zeroQuantity : parseQuantity(size);
}

function askResizer(claim: Claim, volume: PersistentVolume): Action[] {
  const plugin = migratedPlugin(volume);
  const event = (message: string) => eventAction(claim, 'Normal', 'ExternalExpanding', message);
  if (!plugin) return [event('waiting for an external controller to expand this PVC')];
  const resizer = migratedDriver(plugin);
  return [
    event(`CSI migration enabled for ${plugin}; waiting for external resizer to expand the pvc`),
    ...(claim.metadata.annotations?.[storageResizer] === resizer ? [] : [markResizer(claim, resizer)]),
  ];
}

function markResizer(claim: Claim, resizer: string | undefined): Action {
  const patch = { metadata: { annotations: { [storageResizer]: resizer } } };
  const target = targetOf(persistentVolumeClaims, claim);
  return { do: 'patch', ...target, patchType: 'strategic', patch, subresource: 'status' };
}
