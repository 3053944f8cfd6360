/** ResourceQuota: limits of what a namespace may contain. */

import { ownValue } from '#base/own-value.ts';
import { resourceQuotas } from '../../generated/kinds.gen.ts';
import type {
  ResourceQuota,
  ResourceQuotaSpec,
  ScopedResourceSelectorRequirement,
} from '../../generated/types.gen.ts';
import { GoText } from '../../go/text.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { countedAs } from '../../kind/quota.ts';
import { emptyStatus, keepStatus } from '../../kind/status-handling.ts';
import { type FieldError, invalidValue, required } from '../../validation/field-error.ts';
import { internalText } from '../../validation/internal-form.ts';
import { fieldIsImmutable } from '../../validation/validators.ts';
import {
  checkResourceAmount,
  checkResourceName,
  standardResources,
} from '../pods/validation/resources/names.ts';

export const resourceQuota = defineKind(resourceQuotas, {
  hasGeneration: false,
  prepareForCreate: emptyStatus,
  prepareForUpdate: keepStatus,
  validate: ({ spec = {} }) => validateSpec(spec),
  validateUpdate: (now, old) => [
    ...validateSpec(now.spec ?? {}),
    ...(sameScopes(now.spec, old.spec)
      ? []
      : [invalidValue('spec.scopes', now.spec?.scopes ?? noList, fieldIsImmutable)]),
  ],
  validateStatusUpdate: ({ status }) => [
    ...validateAmounts(status?.hard, 'status.hard'),
    ...validateAmounts(status?.used, 'status.used'),
  ],
  quota: countedAs('resourcequotas'),
  printer: {
    columns: [nameColumn, column('Request'), column('Limit'), ageColumn],
    cells: (quota, now) => [
      nameOf(quota),
      quotaText(quota, false),
      quotaText(quota, true),
      ageOf(quota, now),
    ],
  },
});

function quotaText(quota: ResourceQuota, limits: boolean): string {
  const { hard = {}, used = {} } = quota.status ?? {};
  const names = Object.keys(hard).sort();
  return names
    .filter((name) => name.startsWith('limits') === limits)
    .map((name) => `${name}: ${ownValue(used, name) ?? '0'}/${hard[name]}`)
    .join(', ');
}

/** Storage itself is limited as `requests.storage`. */
const standardNames = standardResources.difference(new Set(['storage']));

/** A nil list in Go. */
const noList = new GoText('null');

function validateAmounts(amounts: Record<string, string> | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const name in amounts) {
    const field = `${path}[${name}]`;
    errors.push(...checkResourceName(name, field));
    if (!name.includes('/') && !isStandard(name)) {
      errors.push(invalidValue(field, name, 'must be a standard resource for quota'));
    }
    errors.push(...checkResourceAmount(name, amounts[name]!, field));
  }
  return errors;
}

const isStandard = (name: string) => standardNames.has(name) || /^(requests\.)?hugepages-/.test(name);

function validateSpec(spec: ResourceQuotaSpec): FieldError[] {
  return [
    ...validateAmounts(spec.hard, 'spec.hard'),
    ...validateScopes(spec),
    ...validateScopeSelector(spec),
  ];
}

function sameScopes(now: ResourceQuotaSpec | undefined, old: ResourceQuotaSpec | undefined): boolean {
  const [left, right] = [new Set(now?.scopes ?? []), new Set(old?.scopes ?? [])];
  return left.symmetricDifference(right).size === 0;
}

const podAmounts = ['pods'];

const podResources = [
  'pods',
  ...['cpu', 'memory'].flatMap((name) => [name, `limits.${name}`, `requests.${name}`]),
];

const claimResources = ['persistentvolumeclaims', 'requests.storage'];

/** What can be counted within each scope. */
const countedIn: Readonly<Record<string, readonly string[]>> = {
  Terminating: podResources,
  NotTerminating: podResources,
  BestEffort: podAmounts,
  NotBestEffort: podResources,
  PriorityClass: podResources,
  CrossNamespacePodAffinity: podResources,
  VolumeAttributesClass: claimResources,
};

const contradictions = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];

function validateScopes(spec: ResourceQuotaSpec): FieldError[] {
  const chosen = spec.scopes ?? [];
  const say = (text: string) => invalidValue('spec.scopes', chosen, text);
  return [
    ...chosen.flatMap((scope) => [
      ...(ownValue(countedIn, scope) ? [] : [say('unsupported scope')]),
      ...uncounted(spec, scope).map(() => say('unsupported scope applied to resource')),
    ]),
    ...contradicted(chosen).map(() => say('conflicting scopes')),
  ];
}

/** Limits that cannot be combined with a scope. */
function uncounted({ hard = {} }: ResourceQuotaSpec, scope: string): string[] {
  const counted = ownValue(countedIn, scope);
  if (!counted) return [];
  return Object.keys(hard).filter((name) => isStandard(name) && !counted.includes(name));
}

function contradicted(scopes: readonly string[]): string[][] {
  return contradictions.filter((pair) => pair.every((scope) => scopes.includes(scope)));
}

const onlyExists = new Set([
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'CrossNamespacePodAffinity',
]);

function validateScopeSelector(spec: ResourceQuotaSpec): FieldError[] {
  if (!spec.scopeSelector) return [];
  const path = 'spec.scopeSelector.matchExpressions';
  const requirements = spec.scopeSelector.matchExpressions ?? [];
  const errors: FieldError[] = [];
  for (const requirement of requirements) {
    const { scopeName, operator } = requirement;
    if (!ownValue(countedIn, scopeName)) {
      errors.push(invalidValue(`${path}.scopeName`, scopeName, 'unsupported scope'));
    }
    for (const _ of uncounted(spec, scopeName)) {
      const shown = internalText(spec.scopeSelector, 'ScopeSelector');
      errors.push(invalidValue(path, shown, 'unsupported scope applied to resource'));
    }
    if (onlyExists.has(scopeName) && operator !== 'Exists') {
      const text =
        "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
      errors.push(invalidValue(`${path}.operator`, operator, text));
    }
    errors.push(...validateOperator(requirement, path));
  }
  const conflicts = contradicted(requirements.map((requirement) => requirement.scopeName));
  return [...errors, ...conflicts.map(() => invalidValue(path, spec.scopes ?? noList, 'conflicting scopes'))];
}

function validateOperator(
  { operator, values = [] }: ScopedResourceSelectorRequirement,
  path: string,
): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn': {
      const text = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
      return values.length === 0 ? [required(`${path}.values`, text)] : [];
    }
    case 'Exists':
    case 'DoesNotExist': {
      const text = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
      return values.length > 0 ? [invalidValue(`${path}.values`, values, text)] : [];
    }
    default:
      return [invalidValue(`${path}.operator`, operator, 'not a valid selector operator')];
  }
}
