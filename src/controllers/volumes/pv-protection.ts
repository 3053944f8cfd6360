/**
 * Keeps a volume that is deleted until no claim is bound to it.
 *
 * Reads volumes; writes the finalizer kubernetes.io/pv-protection. Follows upstream's PV protection controller.
 */

import { persistentVolumes } from '#api/generated/kinds.gen.ts';
import type { PersistentVolume } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { defineController, type Plan } from '#client/controllers/controller.ts';
import { mark, needsLook, unmark } from './protection-finalizer.ts';

const finalizer = 'kubernetes.io/pv-protection';

export const pvProtection = defineController({
  name: 'pv-protection-controller',
  start({ informers, enqueue }) {
    const volumes = informers.for(persistentVolumes);
    const look = (volume: Stored<PersistentVolume>) => {
      if (needsLook(volume, finalizer)) enqueue(volume.metadata.name);
    };
    const stop = volumes.subscribe({ onAdd: look, onUpdate: (_old, volume) => look(volume) });
    return {
      reconcile(name): Plan {
        const volume = volumes.get(undefined, name);
        if (!volume || !needsLook(volume, finalizer)) return { actions: [] };
        if (!volume.metadata.deletionTimestamp)
          return { actions: [mark(persistentVolumes, volume, finalizer)] };
        if (volume.status?.phase === 'Bound') return { actions: [] };
        return { actions: [unmark(persistentVolumes, volume, finalizer)] };
      },
      stop,
    };
  },
});
