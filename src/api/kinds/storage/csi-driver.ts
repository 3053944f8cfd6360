/** CSIDriver: requirements and capabilities of a storage driver. */

import { csiDrivers } from '../../generated/kinds.gen.ts';
import type { CSIDriver, CSIDriverSpec, StorageV1TokenRequest } from '../../generated/types.gen.ts';
import { ageOf, nameOf, none, unset } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { checkImmutable, checkOneOfIfGiven } from '../../validation/field-checks.ts';
import { duplicate, type FieldError, invalidValue, notSupported } from '../../validation/field-error.ts';
import { repeats } from '../../validation/repeats.ts';

export const csiDriver = defineKind(csiDrivers, {
  allowUnconditionalUpdate: false,
  hasGeneration: true,
  isCountedFromChanges: true,
  setDefaults(driver) {
    driver.spec ??= {};
    const spec = driver.spec;
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
  },
  // Behind the feature gate VolumeLimitScaling, which is off.
  dropDisabled: ({ spec }) => delete spec.preventPodSchedulingIfMissing,
  validate: validateDriver,
  updateChecks: ['metadataChange', 'object', 'change'],
  validateUpdate: (now, old) => [
    ...checkImmutable('spec.attachedRequired', now.spec.attachRequired, old.spec.attachRequired),
    ...checkImmutable(
      'spec.volumeLifecycleModes',
      now.spec.volumeLifecycleModes,
      old.spec.volumeLifecycleModes,
    ),
  ],
  warnings: driverWarnings,
  printer: {
    columns: [
      nameColumn,
      column('AttachRequired', 'boolean'),
      column('PodInfoOnMount', 'boolean'),
      column('StorageCapacity', 'boolean'),
      column('TokenRequests'),
      column('RequiresRepublish', 'boolean'),
      column('Modes'),
      ageColumn,
    ],
    cells: (driver, now) => [
      nameOf(driver),
      driver.spec.attachRequired ?? true,
      driver.spec.podInfoOnMount ?? false,
      driver.spec.storageCapacity ?? false,
      (driver.spec.tokenRequests ?? []).map((request) => request.audience).join(',') || unset,
      driver.spec.requiresRepublish ?? false,
      (driver.spec.volumeLifecycleModes ?? []).join(',') || none,
      ageOf(driver, now),
    ],
  },
});

const groupPolicies = ['File', 'None', 'ReadWriteOnceWithFSType'];
const lifecycleModes = ['Persistent', 'Ephemeral'];
const updatePeriodMinSeconds = 10;

function validateDriver({ spec }: CSIDriver): FieldError[] {
  const period = spec.nodeAllocatableUpdatePeriodSeconds;
  const errors = [
    ...checkOneOfIfGiven('spec.fsGroupPolicy', spec.fsGroupPolicy, groupPolicies),
    ...validateTokens(spec.tokenRequests ?? []),
    ...(spec.volumeLifecycleModes ?? [])
      .filter((mode) => !lifecycleModes.includes(mode))
      .map((mode) => notSupported('spec.volumeLifecycleModes', mode, lifecycleModes)),
  ];
  if (period !== undefined && period < updatePeriodMinSeconds) {
    const field = 'spec.nodeAllocatableUpdatePeriodSeconds';
    errors.push(invalidValue(field, period, 'must be greater than or equal to 10 seconds'));
  }
  return [...errors, ...checkTokenPlace(spec)];
}

const expirationMinSeconds = 600;
const expirationMaxSeconds = 2 ** 32;

function validateTokens(requests: readonly StorageV1TokenRequest[]): FieldError[] {
  const isRepeated = repeats(requests.map(({ audience = '' }) => audience));
  return requests.flatMap(({ audience = '', expirationSeconds: seconds }, i) => {
    const at = `spec.tokenRequests[${i}]`;
    if (isRepeated[i]) return [duplicate(`${at}.audience`, audience)];
    if (seconds === undefined) return [];
    const refused = (why: string) => [invalidValue(`${at}.expirationSeconds`, seconds, why)];
    if (seconds < expirationMinSeconds) return refused('may not specify a duration less than 10 minutes');
    if (seconds > expirationMaxSeconds) return refused('may not specify a duration larger than 2^32 seconds');
    return [];
  });
}

function checkTokenPlace({ serviceAccountTokenInSecrets, tokenRequests }: CSIDriverSpec): FieldError[] {
  if (serviceAccountTokenInSecrets === undefined || tokenRequests?.length) return [];
  const text = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified';
  return [invalidValue('spec.serviceAccountTokenInSecrets', serviceAccountTokenInSecrets, text)];
}

function driverWarnings({ spec }: CSIDriver, old?: CSIDriver): string[] {
  if (!spec.tokenRequests?.length || spec.serviceAccountTokenInSecrets !== undefined) return [];
  if (old && deepEqual(spec.tokenRequests, old.spec.tokenRequests)) return [];
  return [
    'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes',
  ];
}
