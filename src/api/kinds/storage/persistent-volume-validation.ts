/** Validation of a PersistentVolume; its source, volume mode and node affinity are immutable. */

import { cleanPath } from '#base/net/url-path.ts';
import type {
  NodeSelectorTerm,
  PersistentVolume,
  PersistentVolumeSpec,
  VolumeNodeAffinity,
} from '../../generated/types.gen.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { checkField, checkImmutable, checkOneOfIfGiven } from '../../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { internalText } from '../../validation/internal-form.ts';
import { dns1123Subdomain, fieldIsImmutable, mustBePositive } from '../../validation/validators.ts';
import { parseQuantity } from '../../values/quantity.ts';
import { validateNodeSelector } from '../pods/validation/scheduling/affinity.ts';
import { describeChanges } from '../pods/validation/spec-diff.ts';
import { checkAccessModes, volumeModes } from '../pods/validation/volumes/claim-spec.ts';
import { sourcesOf, validateSources } from './persistent-volume-sources.ts';

const reclaimPolicies = ['Delete', 'Recycle', 'Retain'];

export function validatePersistentVolume({ metadata, spec }: PersistentVolume): FieldError[] {
  const volume = spec ?? ({} as PersistentVolumeSpec);
  const modes = volume.accessModes ?? [];
  const policy = volume.persistentVolumeReclaimPolicy;
  return [
    ...(modes.length > 0 ? checkAccessModes('spec.accessModes', modes) : [required('spec.accessModes')]),
    ...validateCapacity(volume),
    ...checkOneOfIfGiven('spec.persistentVolumeReclaimPolicy', policy, reclaimPolicies),
    ...validateNodeAffinity(volume),
    ...validateSources(volume, metadata?.name ?? ''),
    ...validateRecycling(volume),
    ...validateClasses(volume),
    ...validateMountOptions(metadata?.annotations, volume),
  ];
}

function validateCapacity({ capacity }: PersistentVolumeSpec): FieldError[] {
  const names = Object.keys(capacity ?? {});
  const errors = names.length === 0 ? [required('spec.capacity')] : [];
  if (!names.includes('storage') || names.length > 1) {
    errors.push(notSupported('spec.capacity', capacity, ['storage']));
  }
  for (const [name, amount] of Object.entries(capacity ?? {})) {
    const quantity = parseQuantity(amount);
    const field = `spec.capacity[${name}]`;
    if (quantity.sign() < 0) {
      errors.push(invalidValue(field, quantity.value(), 'must be a valid resource quantity'));
    }
    if (quantity.sign() <= 0) errors.push(invalidValue(field, String(quantity), mustBePositive));
  }
  return errors;
}

function validateNodeAffinity({ nodeAffinity }: PersistentVolumeSpec): FieldError[] {
  if (!nodeAffinity) return [];
  if (nodeAffinity.required) return validateNodeSelector(nodeAffinity.required, 'spec.nodeAffinity.required');
  return [required('spec.nodeAffinity.required', 'must specify required node constraints')];
}

/** Recycling would empty the root folder of a machine. */
function validateRecycling({ hostPath, persistentVolumeReclaimPolicy }: PersistentVolumeSpec): FieldError[] {
  if (persistentVolumeReclaimPolicy !== 'Recycle' || !hostPath) return [];
  const { path = '' } = hostPath;
  if (!path.startsWith('/') || cleanPath(path) !== '/') return [];
  return [
    forbiddenField('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"),
  ];
}

function validateClasses(spec: PersistentVolumeSpec): FieldError[] {
  const { storageClassName, volumeMode, volumeAttributesClassName: attributesClass } = spec;
  const errors = storageClassName
    ? checkField('spec.storageClassName', storageClassName, dns1123Subdomain)
    : [];
  errors.push(...checkOneOfIfGiven('spec.volumeMode', volumeMode, volumeModes));
  if (attributesClass === undefined) return errors;
  const field = 'spec.volumeAttributesClassName';
  if (attributesClass) errors.push(...checkField(field, attributesClass, dns1123Subdomain));
  else errors.push(required(field, 'an empty string is disallowed'));
  if (spec.csi) return errors;
  return [...errors, required('spec.csi', 'has to be specified when using volumeAttributesClassName')];
}

const mountOptionsAnnotation = 'volume.beta.kubernetes.io/mount-options';

const mountedWithOptions = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'nfs',
  'rbd',
  'quobyte',
  'iscsi',
  'cinder',
  'cephfs',
  'azureFile',
  'vsphereVolume',
  'azureDisk',
  'photonPersistentDisk',
] as const;

function validateMountOptions(
  annotations: Record<string, string> | undefined,
  spec: PersistentVolumeSpec,
): FieldError[] {
  if (annotations?.[mountOptionsAnnotation] === undefined) return [];
  if (mountedWithOptions.some((name) => spec[name])) return [];
  const field = `metadata.annotations.${mountOptionsAnnotation}`;
  return [forbiddenField(field, 'may not specify mount options for this volume type')];
}

export function validatePersistentVolumeUpdate(now: PersistentVolume, old: PersistentVolume): FieldError[] {
  const [spec, before] = [now.spec!, old.spec!];
  return [
    ...validateSourceChange(spec, before),
    ...checkImmutable('volumeMode', spec.volumeMode, before.volumeMode),
    ...validateAffinityChange(spec.nodeAffinity, before.nodeAffinity),
    ...(before.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined
      ? [forbiddenField('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden')]
      : []),
  ];
}

function validateSourceChange(now: PersistentVolumeSpec, old: PersistentVolumeSpec): FieldError[] {
  const [sources, before] = [sourcesOf(now), sourcesOf(old)];
  // The secret for expansion may be added later.
  if (sources.csi?.controllerExpandSecretRef && before.csi && !before.csi.controllerExpandSecretRef) {
    const { controllerExpandSecretRef: _, ...csi } = sources.csi;
    sources.csi = csi;
  }
  if (deepEqual(sources, before, 'io.k8s.api.core.v1.PersistentVolumeSpec')) return [];
  const changes = describeChanges(before, sources, 'PersistentVolumeSource');
  const text = `spec.persistentvolumesource is immutable after creation\n${changes}`;
  return [forbiddenField('spec.persistentvolumesource', text)];
}

const labelsSinceBeta: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
};

function validateAffinityChange(
  now: VolumeNodeAffinity | undefined,
  old: VolumeNodeAffinity | undefined,
): FieldError[] {
  if (!old || deepEqual(now, old) || deepEqual(now, withCurrentLabels(old, now))) return [];
  const text = `${fieldIsImmutable}, except for updating from beta label to GA`;
  return [invalidValue('nodeAffinity', now && internalText(now, 'VolumeNodeAffinity'), text)];
}

/** `old` with the beta labels that `now` has replaced. */
function withCurrentLabels(old: VolumeNodeAffinity, now: VolumeNodeAffinity | undefined): VolumeNodeAffinity {
  const { required } = old;
  if (!required) return old;
  const terms = (required.nodeSelectorTerms ?? []).map((term, i) =>
    withCurrentKeys(term, now?.required?.nodeSelectorTerms?.[i]),
  );
  return { ...old, required: { ...required, nodeSelectorTerms: terms } };
}

function withCurrentKeys(old: NodeSelectorTerm, now: NodeSelectorTerm | undefined): NodeSelectorTerm {
  const copy = { ...old };
  for (const list of ['matchExpressions', 'matchFields'] as const) {
    const requirements = old[list]?.map((requirement, i) => {
      const key = now?.[list]?.[i]?.key;
      // As upstream: the key of a label without a successor may become empty.
      return key !== undefined && (labelsSinceBeta[requirement.key] ?? '') === key
        ? { ...requirement, key }
        : requirement;
    });
    if (requirements) copy[list] = requirements;
  }
  return copy;
}
