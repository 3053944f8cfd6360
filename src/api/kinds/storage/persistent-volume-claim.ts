/** PersistentVolumeClaim: a wish for storage, a filesystem unless told otherwise. */

import type { PersistentVolumeClaim } from '../../generated/types.gen.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { type FieldError, forbiddenField } from '../../validation/field-error.ts';
import { parseQuantity } from '../../values/quantity.ts';
import { describeChanges } from '../pods/validation/spec-diff.ts';
import { validateClaimSpec } from '../pods/validation/volumes/claim-spec.ts';
import { keepStatus } from '../shared/status-handling.ts';
import type { Strategy } from '../shared/strategy.ts';

export const persistentVolumeClaim: Strategy<PersistentVolumeClaim> = {
  hasGeneration: false,
  setDefaults(claim) {
    claim.spec ??= {};
    claim.spec.volumeMode ||= 'Filesystem';
    claim.spec.resources ??= {};
    claim.status ??= {};
    claim.status.phase ||= 'Pending';
  },
  prepareForCreate(claim) {
    claim.status = { phase: 'Pending' };
  },
  prepareForUpdate: keepStatus,
  validate: ({ spec }) => validateClaimSpec(spec!, 'spec'),
  validateUpdate: (now, old) => [...validateClaimSpec(now.spec!, 'spec'), ...validateFixed(now, old)],
};

/** The volume is named once; of a bound claim the size may grow. */
function validateFixed(now: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = [];
  const [spec, before] = [{ ...now.spec! }, { ...old.spec! }];
  if (!before.volumeName) before.volumeName = spec.volumeName;
  if (before.storageClassName === undefined) spec.storageClassName = undefined;
  if (now.status?.phase === 'Bound') {
    spec.volumeAttributesClassName = before.volumeAttributesClassName;
    spec.resources = withStorage(spec.resources, before.resources?.requests?.['storage']);
  }
  if (!deepEqual(spec, before, 'io.k8s.api.core.v1.PersistentVolumeClaimSpec')) {
    const text =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    errors.push(
      forbiddenField('spec', `${text}\n${describeChanges(before, spec, 'PersistentVolumeClaimSpec')}`),
    );
  }
  const size = parseQuantity(now.spec?.resources?.requests?.['storage'] ?? '0');
  const oldSize = parseQuantity(old.spec?.resources?.requests?.['storage'] ?? '0');
  const capacity = parseQuantity(old.status?.capacity?.['storage'] ?? '0');
  if (size.compare(oldSize) < 0 && size.compare(capacity) <= 0) {
    const field = 'spec.resources.requests.storage';
    errors.push(forbiddenField(field, 'field can not be less than status.capacity'));
  }
  return errors;
}

type Resources = NonNullable<PersistentVolumeClaim['spec']>['resources'];

function withStorage(resources: Resources, storage: string | undefined): Resources {
  if (storage === undefined || !resources?.requests) return resources;
  return { ...resources, requests: { ...resources.requests, storage } };
}
