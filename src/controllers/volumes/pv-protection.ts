/**
 * Keeps a volume that is deleted until no claim is bound to it.
 *
 * Reads volumes; writes the finalizer kubernetes.io/pv-protection. Follows upstream's PV protection
 * controller.
 */

import { persistentVolumes } from '#api/generated/kinds.gen.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { watch } from '#client/controllers/watch.ts';
import { mark, needsLook, unmark } from '../shared/protection-finalizer.ts';

const finalizer = 'kubernetes.io/pv-protection';

export const pvProtection = defineController({
  name: 'pv-protection-controller',
  start({ informers }) {
    const volumes = informers.for(persistentVolumes);
    return {
      watches: [watch({ type: persistentVolumes, filter: (volume) => needsLook(volume, finalizer) })],
      reconcile(name): Plan {
        const volume = volumes.get(undefined, name);
        if (!volume || !needsLook(volume, finalizer)) return nothingToDo;
        if (!volume.metadata.deletionTimestamp) {
          return { actions: [mark(persistentVolumes, volume, finalizer)] };
        }
        if (volume.status?.phase === 'Bound') return nothingToDo;
        return { actions: [unmark(persistentVolumes, volume, finalizer)] };
      },
    };
  },
});
