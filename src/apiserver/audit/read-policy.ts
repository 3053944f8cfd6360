/**
 * Reads an audit policy file and validates its rules with upstream's messages. Unknown and doubled fields are
 * returned as warnings.
 */

import { readConfigFile } from '#api/configuration/config-file.ts';
import { aggregateText } from '#api/go/aggregate.ts';
import {
  type FieldError,
  fieldErrorMessage,
  invalidValue,
  notSupported,
  required,
} from '#api/validation/field-error.ts';
import { dns1123Subdomain } from '#api/validation/validators.ts';
import { type GroupResources, levels, type Policy, type PolicyRule, stages } from './policy.ts';

const types = {
  Policy: { metadata: 'any', rules: '[]#Rule', omitStages: '[]string', omitManagedFields: 'boolean' },
  Rule: {
    level: 'string',
    users: '[]string',
    userGroups: '[]string',
    verbs: '[]string',
    resources: '[]#GroupResources',
    namespaces: '[]string',
    nonResourceURLs: '[]string',
    omitStages: '[]string',
    omitManagedFields: 'boolean',
  },
  GroupResources: { group: 'string', resources: '[]string', resourceNames: '[]string' },
};

const format = { group: 'audit.k8s.io', versions: ['v1'], kind: 'Policy', types };

/** Throws an Error with all problems of the file. */
export function readPolicy(text: string): { policy: Policy; warnings: readonly string[] } {
  const { value, problems } = readConfigFile(text, format);
  const policy = { rules: [], ...value } as Policy;
  const errors = validatePolicy(policy).map(fieldErrorMessage);
  if (errors.length > 0) throw new Error(aggregateText(errors));
  if (policy.rules.length === 0) throw new Error('loaded illegal policy with 0 rules');
  return { policy, warnings: problems };
}

function validatePolicy({ rules, omitStages }: Policy): FieldError[] {
  return [
    ...checkStages('omitStages', omitStages ?? []),
    ...rules.flatMap((rule, index) => validateRule(`rules[${index}]`, rule)),
  ];
}

function validateRule(field: string, rule: PolicyRule): FieldError[] {
  const { level, nonResourceURLs = [], resources = [], namespaces = [], omitStages = [] } = rule;
  const errors = [
    ...checkLevel(`${field}.level`, level),
    ...nonResourceURLs.flatMap((url, index) => checkUrl(`${field}.nonResourceURLs[${index}]`, url)),
    ...resources.flatMap((group) => checkGroup(`${field}.resources`, group)),
    ...checkStages(`${field}.omitStages`, omitStages),
  ];
  if (nonResourceURLs.length > 0 && resources.length + namespaces.length > 0) {
    const why = 'rules cannot apply to both regular resources and non-resource URLs';
    errors.push(invalidValue(`${field}.nonResourceURLs`, nonResourceURLs, why));
  }
  return errors;
}

function checkLevel(field: string, level: string | undefined): FieldError[] {
  if (!level) return [required(field)];
  return (levels as readonly string[]).includes(level) ? [] : [notSupported(field, level, levels)];
}

function checkUrl(field: string, url: string): FieldError[] {
  if (url === '*') return [];
  const errors: FieldError[] = [];
  if (!url.startsWith('/')) {
    errors.push(invalidValue(field, url, "non-resource URL rules must begin with a '/' character"));
  }
  if (url.slice(0, -1).includes('*')) {
    errors.push(
      invalidValue(field, url, "non-resource URL wildcards '*' must be the final character of the rule"),
    );
  }
  return errors;
}

function checkGroup(field: string, { group = '', resources = [], resourceNames = [] }: GroupResources) {
  const errors: FieldError[] = [];
  const problems = group === '' || group === '*' ? [] : dns1123Subdomain(group);
  if (problems.length > 0) errors.push(invalidValue(`${field}.group`, group, problems.join(',')));
  if (resourceNames.length > 0 && resources.length === 0) {
    const why = 'using resourceNames requires at least one resource';
    errors.push(invalidValue(`${field}.resourceNames`, resourceNames, why));
  }
  return errors;
}

function checkStages(field: string, given: readonly string[]): FieldError[] {
  return given.flatMap((stage, index) =>
    (stages as readonly string[]).includes(stage)
      ? []
      : [invalidValue(`${field}[${index}]`, stage, `allowed stages are ${stages.join(',')}`)],
  );
}
