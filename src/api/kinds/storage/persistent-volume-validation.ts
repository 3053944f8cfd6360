/** Validation of a PersistentVolume; its source is immutable. */

import type { PersistentVolume, PersistentVolumeSpec } from '../../generated/types.gen.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { checkField, checkImmutable, checkOneOfIfGiven } from '../../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { dns1123Subdomain, mustBePositive } from '../../validation/validators.ts';
import { parseQuantity } from '../../values/quantity.ts';
import { checkNoBacksteps } from '../pods/validation/paths.ts';
import { validateNodeSelector } from '../pods/validation/scheduling/affinity.ts';
import { describeChanges } from '../pods/validation/spec-diff.ts';
import { checkAccessModes, volumeModes } from '../pods/validation/volumes/claim-spec.ts';

const reclaimPolicies = ['Delete', 'Recycle', 'Retain'];
const notSources = new Set<string>([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
]);

function sourcesOf(spec: PersistentVolumeSpec): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(spec).filter(([key, value]) => !notSources.has(key) && value !== undefined),
  );
}

export function validatePersistentVolume({ spec }: PersistentVolume): FieldError[] {
  const volume = spec ?? ({} as PersistentVolumeSpec);
  const modes = volume.accessModes ?? [];
  const errors =
    modes.length > 0 ? checkAccessModes('spec.accessModes', modes) : [required('spec.accessModes')];
  errors.push(...validateCapacity(volume));
  const policy = volume.persistentVolumeReclaimPolicy;
  errors.push(...checkOneOfIfGiven('spec.persistentVolumeReclaimPolicy', policy, reclaimPolicies));
  const affinity = volume.nodeAffinity;
  if (affinity?.required) {
    errors.push(...validateNodeSelector(affinity.required, 'spec.nodeAffinity.required'));
  } else if (affinity) {
    errors.push(required('spec.nodeAffinity.required', 'must specify required node constraints'));
  }
  errors.push(...validateSource(volume));
  if (volume.storageClassName) {
    errors.push(...checkField('spec.storageClassName', volume.storageClassName, dns1123Subdomain));
  }
  return [...errors, ...checkOneOfIfGiven('spec.volumeMode', volume.volumeMode, volumeModes)];
}

function validateCapacity({ capacity = {} }: PersistentVolumeSpec): FieldError[] {
  const names = Object.keys(capacity);
  const errors = names.length === 0 ? [required('spec.capacity')] : [];
  if (!names.includes('storage') || names.length > 1) {
    errors.push(notSupported('spec.capacity', capacity, ['storage']));
  }
  for (const [name, amount] of Object.entries(capacity)) {
    const quantity = parseQuantity(amount);
    if (quantity.sign() <= 0) {
      errors.push(invalidValue(`spec.capacity[${name}]`, String(quantity), mustBePositive));
    }
  }
  return errors;
}

function validateSource(spec: PersistentVolumeSpec): FieldError[] {
  const [first, ...more] = Object.keys(sourcesOf(spec));
  if (first === undefined) return [required('spec', 'must specify a volume type')];
  const errors = more.map((name) =>
    forbiddenField(`spec.${name}`, 'may not specify more than 1 volume type'),
  );
  for (const key of ['hostPath', 'local'] as const) {
    const source = spec[key];
    if (!source) continue;
    if (source.path) errors.push(...checkNoBacksteps(`spec.${key}.path`, source.path));
    else errors.push(required(`spec.${key}.path`));
  }
  if (spec.local && !spec.nodeAffinity) {
    errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
  }
  if (spec.nfs) {
    if (!spec.nfs.server) errors.push(required('spec.nfs.server'));
    if (!spec.nfs.path?.startsWith('/')) {
      errors.push(invalidValue('spec.nfs.path', spec.nfs.path ?? '', 'must be an absolute path'));
    }
  }
  if (spec.csi) {
    if (!spec.csi.driver) errors.push(required('spec.csi.driver'));
    if (!spec.csi.volumeHandle) errors.push(required('spec.csi.volumeHandle'));
  }
  return errors;
}

export function validatePersistentVolumeUpdate(now: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors = validatePersistentVolume(now);
  const [sources, before] = [sourcesOf(now.spec!), sourcesOf(old.spec!)];
  if (!deepEqual(sources, before)) {
    const text = `spec.persistentvolumesource is immutable after creation\n${describeChanges(before, sources, 'PersistentVolumeSource')}`;
    errors.push(forbiddenField('spec.persistentvolumesource', text));
  }
  errors.push(...checkImmutable('volumeMode', now.spec?.volumeMode, old.spec?.volumeMode));
  if (old.spec?.nodeAffinity) {
    errors.push(...checkImmutable('nodeAffinity', now.spec?.nodeAffinity, old.spec.nodeAffinity));
  }
  return errors;
}
