/** PersistentVolumeClaim: a request for storage, a filesystem by default. */

import { ownValue } from '#base/own-value.ts';
import { persistentVolumeClaims } from '../../generated/kinds.gen.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../generated/types.gen.ts';
import { accessModesText, ageOf, nameOf, unset } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn, wideColumn } from '../../kind/printer.ts';
import { type QuotaRules, selectsClasses, type Usage } from '../../kind/quota.ts';
import { keepStatus } from '../../kind/status-handling.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { checkImmutable } from '../../validation/field-checks.ts';
import { type FieldError, forbiddenField } from '../../validation/field-error.ts';
import { parseQuantity } from '../../values/quantity.ts';
import { betaStorageClass } from '../../volumes/annotations.ts';
import { classOfClaim } from '../../volumes/storage-class.ts';
import { describeChanges } from '../pods/validation/spec-diff.ts';
import { validateClaimSpec } from '../pods/validation/volumes/claim-spec.ts';
import { claimSpecWarnings } from '../pods/validation/warnings/claims.ts';
import { attributesClasses } from './attributes-classes.ts';
import { validateClaimStatus } from './persistent-volume-claim-status.ts';
import { oldClassText } from './persistent-volume-warnings.ts';
import { phase } from './volume-columns.ts';

const claimQuota: QuotaRules<PersistentVolumeClaim> = {
  counts: (name) =>
    name === 'persistentvolumeclaims' ||
    name === 'requests.storage' ||
    name.includes('.storageclass.storage.k8s.io/'),
  growsThrough: '',
  matchesScope: (scope, claim) =>
    scope.scopeName === 'VolumeAttributesClass' && selectsClasses(scope, attributesClasses(claim)),
  scopedBy: attributesClasses,
  usage({ spec }): Usage {
    const storage = spec?.resources?.requests?.['storage'];
    const classPrefix = spec?.storageClassName
      ? `${spec.storageClassName}.storageclass.storage.k8s.io`
      : undefined;
    return {
      persistentvolumeclaims: '1',
      ...(storage ? { 'requests.storage': storage } : {}),
      ...(classPrefix ? { [`${classPrefix}/persistentvolumeclaims`]: '1' } : {}),
      ...(classPrefix && storage ? { [`${classPrefix}/requests.storage`]: storage } : {}),
    };
  },
};

/**
 * `dataSource` and `dataSourceRef` say the same, each filled from the other. What old clients say in `dataSource` alone
 * counts only if it is a claim or a snapshot.
 */
function agreeOnDataSource(spec: PersistentVolumeClaimSpec, old?: PersistentVolumeClaimSpec): void {
  const isOfOtherNamespace = Boolean(spec.dataSourceRef?.namespace);
  // Without the feature gate CrossNamespaceVolumeDataSource, which is off by default.
  if (isOfOtherNamespace && !old?.dataSourceRef) delete spec.dataSourceRef;
  const { dataSource, dataSourceRef } = spec;
  if (!old?.dataSource && !old?.dataSourceRef && !dataSourceRef && dataSource && !isOldSource(dataSource)) {
    delete spec.dataSource;
  } else if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  else if (dataSourceRef && !dataSource && !isOfOtherNamespace) spec.dataSource = { ...dataSourceRef };
}

function isOldSource({ kind, apiGroup }: DataSource): boolean {
  if (kind === 'PersistentVolumeClaim') return !apiGroup;
  return kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io';
}

function claimWarnings({ metadata, spec }: PersistentVolumeClaim): string[] {
  const isOld = ownValue(metadata?.annotations ?? {}, betaStorageClass) !== undefined;
  return [
    ...(isOld ? [`metadata.annotations[${betaStorageClass}]: ${oldClassText}`] : []),
    ...claimSpecWarnings(spec, 'spec'),
  ];
}

type DataSource = NonNullable<PersistentVolumeClaimSpec['dataSource']>;

export const persistentVolumeClaim = defineKind(persistentVolumeClaims, {
  hasGeneration: false,
  setDefaults(claim) {
    claim.spec ??= {};
    claim.spec.volumeMode ??= 'Filesystem';
    claim.spec.resources ??= {};
    claim.status ??= {};
    claim.status.phase ||= 'Pending';
  },
  prepareForCreate(claim) {
    claim.status = { phase: 'Pending' };
    agreeOnDataSource(claim.spec!);
  },
  prepareForUpdate(claim, old) {
    keepStatus(claim, old);
    agreeOnDataSource(claim.spec!, old.spec);
  },
  validate: ({ spec }) => validateClaimSpec(spec!, 'spec'),
  updateChecks: ['metadataChange', 'metadata', 'change'],
  validateUpdate: (now, old) => [...validateClaimSpec(now.spec!, 'spec'), ...validateFixed(now, old)],
  validateStatusUpdate: validateClaimStatus,
  warnings: claimWarnings,
  quota: claimQuota,
  printer: {
    columns: [
      nameColumn,
      column('Status'),
      column('Volume'),
      column('Capacity'),
      column('Access Modes'),
      column('StorageClass'),
      column('VolumeAttributesClass'),
      ageColumn,
      wideColumn('VolumeMode'),
    ],
    cells: (claim, now) => {
      const volume = claim.spec?.volumeName ?? '';
      return [
        nameOf(claim),
        phase(claim),
        volume,
        volume ? (claim.status?.capacity?.['storage'] ?? '0') : '',
        volume ? accessModesText(claim.status?.accessModes) : '',
        classOfClaim(claim),
        claim.spec?.volumeAttributesClassName ?? unset,
        ageOf(claim, now),
        claim.spec?.volumeMode ?? unset,
      ];
    },
  },
});

/** volumeName may be set once; the size of a bound claim may increase. */
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
  errors.push(...checkImmutable('volumeMode', now.spec?.volumeMode, old.spec?.volumeMode));
  return errors;
}

type Resources = NonNullable<PersistentVolumeClaim['spec']>['resources'];

function withStorage(resources: Resources, storage: string | undefined): Resources {
  if (storage === undefined || !resources?.requests) return resources;
  return { ...resources, requests: { ...resources.requests, storage } };
}
