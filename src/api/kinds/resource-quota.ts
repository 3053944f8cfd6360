/** ResourceQuota: how much of what a namespace may hold. */

import { type FieldError, invalidValue } from '../field-error.ts';
import { checkImmutable } from '../meta-validation.ts';
import { checkResourceAmount } from '../pod-validation/resources.ts';
import type { Strategy } from '../strategy.ts';
import type { ResourceQuota, ResourceQuotaSpec } from '../types.gen.ts';
import { checkField, qualifiedName } from '../validators.ts';
import { dropStatus, keepStatus } from './status-handling.ts';

export const resourceQuota: Strategy<ResourceQuota> = {
  hasGeneration: false,
  prepareForCreate: dropStatus,
  prepareForUpdate: keepStatus,
  validate: ({ spec = {} }) => [...validateAmounts(spec.hard, 'spec.hard'), ...validateScopes(spec)],
  validateUpdate: (now, old) => [
    ...validateAmounts(now.spec?.hard, 'spec.hard'),
    ...validateScopes(now.spec ?? {}),
    ...checkImmutable(
      'spec.scopes',
      [...(now.spec?.scopes ?? [])].sort(),
      [...(old.spec?.scopes ?? [])].sort(),
    ),
  ],
  validateStatusUpdate: ({ status }) => [
    ...validateAmounts(status?.hard, 'status.hard'),
    ...validateAmounts(status?.used, 'status.used'),
  ],
};

const compute = ['cpu', 'memory', 'ephemeral-storage'];
const standardNames = new Set([
  ...compute,
  ...compute.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
]);

function validateAmounts(amounts: Record<string, string> | undefined, path: string): FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, amount]) => {
    const field = `${path}[${name}]`;
    const errors = checkField(field, name, qualifiedName);
    if (errors.length === 0 && !name.includes('/') && !isStandard(name)) {
      errors.push(invalidValue(field, name, 'must be a standard resource for quota'));
    }
    return [...errors, ...checkResourceAmount(name, amount, field)];
  });
}

const isStandard = (name: string) => standardNames.has(name) || /^(requests\.)?hugepages-/.test(name);

const scopes = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
];
const contradictions = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];

function validateScopes(spec: ResourceQuotaSpec): FieldError[] {
  const chosen = spec.scopes ?? [];
  const say = (text: string) => invalidValue('spec.scopes', chosen, text);
  return [
    ...chosen.filter((scope) => !scopes.includes(scope)).map(() => say('unsupported scope')),
    ...contradictions
      .filter((pair) => pair.every((scope) => chosen.includes(scope)))
      .map(() => say('conflicting scopes')),
  ];
}
