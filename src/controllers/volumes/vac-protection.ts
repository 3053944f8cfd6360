/**
 * Keeps a VolumeAttributesClass that is deleted until no claim and no volume names it.
 *
 * Reads classes, claims and volumes; writes the finalizer kubernetes.io/vac-protection. Follows upstream's VAC
 * protection controller.
 */

import {
  persistentVolumeClaims,
  persistentVolumes,
  volumeAttributesClasses,
} from '#api/generated/kinds.gen.ts';
import type { PersistentVolume } from '#api/generated/types.gen.ts';
import { attributesClasses } from '#api/kinds/storage/attributes-classes.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { watch } from '#client/controllers/watch.ts';
import { mark, needsLook, unmark } from '../shared/protection-finalizer.ts';

const finalizer = 'kubernetes.io/vac-protection';
const byClass = 'volume-attributes-class';

export const vacProtection = defineController({
  name: 'volumeattributesclass-protection-controller',
  start({ informers }) {
    const classes = informers.for(volumeAttributesClasses);
    const claims = informers.for(persistentVolumeClaims);
    const volumes = informers.for(persistentVolumes);
    claims.addIndex(byClass, attributesClasses);
    volumes.addIndex(byClass, classesOfVolume);
    const isDeleted = (name: string) => {
      const deleted = classes.get(undefined, name);
      return deleted?.metadata.deletionTimestamp !== undefined && needsLook(deleted, finalizer);
    };
    const deletedClasses = () =>
      classes.list().flatMap(({ metadata: { name } }) => (isDeleted(name) ? [name] : []));
    return {
      watches: [
        watch({ type: volumeAttributesClasses, filter: (each) => needsLook(each, finalizer) }),
        // A class that it named may have become unused.
        watch({
          type: persistentVolumeClaims,
          on: ['updated', 'deleted'],
          changed: (old, claim) => !isSame(attributesClasses(old), attributesClasses(claim)),
          keys: deletedClasses,
        }),
        watch({
          type: persistentVolumes,
          on: ['updated', 'deleted'],
          changed: (old, volume) => !isSame(classesOfVolume(old), classesOfVolume(volume)),
          keys: deletedClasses,
        }),
      ],
      reconcile(name): Plan {
        const found = classes.get(undefined, name);
        if (!found || !needsLook(found, finalizer)) return nothingToDo;
        if (!found.metadata.deletionTimestamp) {
          return { actions: [mark(volumeAttributesClasses, found, finalizer)] };
        }
        if (volumes.byIndex(byClass, name).length > 0) return nothingToDo;
        if (claims.byIndex(byClass, name).length > 0) return nothingToDo;
        return { actions: [unmark(volumeAttributesClasses, found, finalizer)] };
      },
    };
  },
});

function classesOfVolume({ spec }: PersistentVolume): string[] {
  return spec?.volumeAttributesClassName ? [spec.volumeAttributesClassName] : [];
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}
