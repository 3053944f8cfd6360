/** StatefulSet: ordered pods with their own volumes, which are retained by default. */

import { statefulSets } from '../../generated/kinds.gen.ts';
import type {
  PodTemplateSpec,
  RollingUpdateStatefulSetStrategy,
  StatefulSet,
  StatefulSetSpec,
} from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { workloadScale } from '../../kind/scale.ts';
import { keepStatus } from '../../kind/status-handling.ts';
import { validateAnnotations, validateLabels } from '../../meta/validation.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { validateLabelSelector } from '../../selectors/validation.ts';
import { checkField, checkNonNegative } from '../../validation/field-checks.ts';
import { type FieldError, forbiddenField, invalidValue, notSupported } from '../../validation/field-error.ts';
import { shownSelector } from '../../validation/internal-form.ts';
import { dns1123Label } from '../../validation/validators.ts';
import { dropDisabledFields } from '../pods/defaults/disabled-fields.ts';
import { setPodTemplateDefaults } from '../pods/defaults/spec.ts';
import { validatePodAnnotations } from '../pods/validation/annotations.ts';
import { validatePodTemplate } from '../pods/validation/spec.ts';
import { validateClaimSpec } from '../pods/validation/volumes/claim-spec.ts';
import { claimSpecWarnings } from '../pods/validation/warnings/claims.ts';
import { workloadWarnings } from '../pods/validation/warnings/warnings.ts';
import { persistentVolumeClaim } from '../storage/persistent-volume-claim.ts';
import { containerCells, containerColumns } from './workload-columns.ts';
import {
  checkIntOrPercent,
  checkNotDecremented,
  checkNotMoreThan100Percent,
  isZeroIntOrPercent,
  matcherOf,
  validateAlwaysRestarts,
  validateCounts,
  validateOwnSelector,
  validateTemplateLabels,
} from './workload-validation.ts';

export const statefulSet = defineKind(statefulSets, {
  setDefaults(statefulSet) {
    statefulSet.spec ??= {} as StatefulSetSpec;
    const spec = statefulSet.spec;
    spec.podManagementPolicy ||= 'OrderedReady';
    spec.updateStrategy ??= {};
    const strategy = spec.updateStrategy;
    // Only without an explicit type: upstream does not default parameters of `type: RollingUpdate`.
    if (!strategy.type) {
      strategy.type = 'RollingUpdate';
      strategy.rollingUpdate ??= {};
    }
    if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) strategy.rollingUpdate.partition ??= 0;
    spec.persistentVolumeClaimRetentionPolicy ??= {};
    spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= 'Retain';
    spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= 'Retain';
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    for (const claim of spec.volumeClaimTemplates ?? []) {
      claim.apiVersion = 'v1';
      claim.kind = 'PersistentVolumeClaim';
      persistentVolumeClaim.setDefaults!(claim);
    }
    spec.template ??= {};
    setPodTemplateDefaults(spec.template);
  },
  dropDisabled: ({ spec }) => dropDisabledFields(spec?.template?.spec),
  prepareForCreate(statefulSet) {
    statefulSet.status = { replicas: 0, availableReplicas: 0 };
    dropMaxUnavailable(statefulSet);
  },
  prepareForUpdate(statefulSet, old) {
    keepStatus(statefulSet, old);
    if (old.spec?.updateStrategy?.rollingUpdate?.maxUnavailable === undefined) {
      dropMaxUnavailable(statefulSet);
    }
  },
  validate: ({ spec }) => validateSpec(spec!, { isNew: true, hasValidTemplate: true }),
  validateUpdate: ({ spec }, old) => [
    ...validateSpec(spec!, { isNew: false, hasValidTemplate: wasValid(old.spec!) }),
    ...validateFixed(spec!, old.spec!),
  ],
  validateStatusUpdate: (now, old) => [
    ...validateCounts(
      now.status ?? { replicas: 0 },
      [
        'replicas',
        'readyReplicas',
        'currentReplicas',
        'updatedReplicas',
        'availableReplicas',
        'observedGeneration',
        'collisionCount',
      ],
      ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
      'status.readyReplicas',
    ),
    ...checkNotDecremented(now.status?.collisionCount, old.status?.collisionCount),
  ],
  warnings: (now, old) => [
    ...workloadWarnings(now, old),
    ...claimWarnings(now.spec, old !== undefined),
    ...historyWarnings(now.spec),
  ],
  nameRule: dns1123Label,
  scale: workloadScale,
  printer: {
    columns: [nameColumn, column('Ready'), ageColumn, ...containerColumns],
    cells: (statefulSet, now) => [
      nameOf(statefulSet),
      `${statefulSet.status?.readyReplicas ?? 0}/${statefulSet.spec?.replicas ?? 0}`,
      ageOf(statefulSet, now),
      ...containerCells(statefulSet.spec?.template.spec),
    ],
  },
});

/**
 * Its feature gate MaxUnavailableStatefulSet is off by default in v1.36. An object stored with the field
 * keeps it, unused.
 */
function dropMaxUnavailable({ spec }: StatefulSet): void {
  delete spec?.updateStrategy?.rollingUpdate?.maxUnavailable;
}

/** Upstream names the field of an update otherwise. */
function claimWarnings({ volumeClaimTemplates = [] }: Partial<StatefulSetSpec> = {}, isUpdate: boolean) {
  return volumeClaimTemplates.flatMap(({ spec }, i) =>
    claimSpecWarnings(spec, `spec.volumeClaimTemplates[${i}]${isUpdate ? '.Spec' : ''}`),
  );
}

function historyWarnings({ revisionHistoryLimit = 0 }: Partial<StatefulSetSpec> = {}): string[] {
  if (revisionHistoryLimit >= 0) return [];
  return [
    'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
  ];
}

interface SpecUse {
  /** What never changes is validated only when it is new. */
  readonly isNew: boolean;
  /** A template that was stored before templates were validated may stay as it is. */
  readonly hasValidTemplate: boolean;
}

function wasValid(old: StatefulSetSpec): boolean {
  return validateSpec(old, { isNew: false, hasValidTemplate: true }).length === 0;
}

function validateSpec(spec: StatefulSetSpec, { isNew, hasValidTemplate }: SpecUse): FieldError[] {
  const errors: FieldError[] = [];
  const policy = spec.podManagementPolicy;
  if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    errors.push(invalidValue('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
  }
  errors.push(...validateUpdateStrategy(spec), ...validateRetention(spec));
  if (isNew) {
    const claims = spec.volumeClaimTemplates ?? [];
    errors.push(
      ...claims.flatMap((claim, i) => validateClaimSpec(claim.spec, `spec.volumeClaimTemplates[${i}].spec`)),
    );
  }
  errors.push(...checkNonNegative('spec.replicas', spec.replicas));
  errors.push(...checkNonNegative('spec.minReadySeconds', spec.minReadySeconds));
  errors.push(...checkNonNegative('spec.ordinals.start', spec.ordinals?.start));
  if (isNew && spec.serviceName) {
    errors.push(...checkField('spec.serviceName', spec.serviceName, dns1123Label));
  }
  errors.push(...validateOwnSelector(spec.selector, 'empty selector is invalid for statefulset'));
  if (validateLabelSelector(spec.selector, '').length > 0) {
    errors.push(invalidValue('spec.selector', spec.selector && shownSelector(spec.selector), ''));
    return [...errors, ...validateAlwaysRestarts(spec.template ?? {}, 'StatefulSet')];
  }
  const template = templateOfPods(spec);
  const { labels, annotations } = template.metadata ?? {};
  return [
    ...errors,
    ...validateTemplateLabels(template, matcherOf(spec.selector)),
    ...(hasValidTemplate ? validatePodTemplate(template, 'spec.template') : []),
    ...validateLabels(labels, 'spec.template.labels'),
    ...validateAnnotations(annotations, 'spec.template.annotations'),
    ...validatePodAnnotations(annotations, template.spec ?? { containers: [] }, 'spec.template.annotations'),
    ...validateAlwaysRestarts(spec.template ?? {}, 'StatefulSet'),
  ];
}

/** With the volumes of the claims; the controller sets hostname and subdomain. */
function templateOfPods({ template = {}, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  if (!template.spec) return template;
  const { hostname: _h, subdomain: _s, ...spec } = template.spec;
  if (volumeClaimTemplates.length === 0) return { ...template, spec };
  const ofClaims = new Map(
    volumeClaimTemplates.map(({ metadata }) => {
      const name = metadata?.name ?? '';
      return [name, { name, persistentVolumeClaim: { claimName: name } }];
    }),
  );
  const others = (spec.volumes ?? []).filter(({ name }) => !ofClaims.has(name));
  return { ...template, spec: { ...spec, volumes: [...ofClaims.values(), ...others] } };
}

function validateUpdateStrategy(spec: StatefulSetSpec): FieldError[] {
  const path = 'spec.updateStrategy';
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  if (type === 'RollingUpdate') return validateRollingUpdate(rollingUpdate, `${path}.rollingUpdate`);
  if (type !== 'OnDelete') {
    return [invalidValue(path, spec.updateStrategy, "must be 'RollingUpdate' or 'OnDelete'")];
  }
  if (!rollingUpdate) return [];
  return [
    invalidValue(`${path}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'"),
  ];
}

function validateRollingUpdate(
  { partition, maxUnavailable }: RollingUpdateStatefulSetStrategy = {},
  path: string,
): FieldError[] {
  const errors = checkNonNegative(`${path}.partition`, partition);
  if (maxUnavailable === undefined) return errors;
  const at = `${path}.maxUnavailable`;
  errors.push(...checkIntOrPercent(at, maxUnavailable));
  if (isZeroIntOrPercent(maxUnavailable)) errors.push(invalidValue(at, maxUnavailable, 'cannot be 0'));
  return [...errors, ...checkNotMoreThan100Percent(at, maxUnavailable)];
}

function validateRetention(spec: StatefulSetSpec): FieldError[] {
  const policy = spec.persistentVolumeClaimRetentionPolicy ?? {};
  const choices = ['Retain', 'Delete'];
  return (['whenDeleted', 'whenScaled'] as const).flatMap((key) => {
    const value = policy[key] ?? '';
    if (choices.includes(value)) return [];
    return [notSupported(`spec.persistentVolumeClaimRetentionPolicy.${key}`, value, choices)];
  });
}

const changeable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

function validateFixed(spec: StatefulSetSpec, old: StatefulSetSpec): FieldError[] {
  const rest = (spec: StatefulSetSpec) => {
    const copy: Partial<StatefulSetSpec> = { ...spec };
    for (const key of changeable) delete copy[key];
    return copy;
  };
  if (deepEqual(rest(spec), rest(old), 'io.k8s.api.apps.v1.StatefulSetSpec')) return [];
  const list = changeable
    .slice(0, -1)
    .map((key) => `'${key}'`)
    .join(', ');
  const text = `updates to statefulset spec for fields other than ${list} and 'minReadySeconds' are forbidden`;
  return [forbiddenField('spec', text)];
}
