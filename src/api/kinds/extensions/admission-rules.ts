/** What a rule of a webhook or of a policy must say of the requests it means, in upstream's order of complaints. */

import type { RuleWithOperations } from '../../generated/types.gen.ts';
import { checkOneOfIfGiven } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, notSupported, required } from '../../validation/field-error.ts';

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const scopes = ['*', 'Cluster', 'Namespaced'];

export function validateRule(rule: RuleWithOperations, path: string): FieldError[] {
  return [
    ...validateList(rule.operations, `${path}.operations`, 'operations'),
    ...(rule.operations ?? []).flatMap((operation, i) =>
      operations.includes(operation) ? [] : [notSupported(`${path}.operations[${i}]`, operation, operations)],
    ),
    ...validateList(rule.apiGroups, `${path}.apiGroups`, 'API groups'),
    ...validateList(rule.apiVersions, `${path}.apiVersions`, 'API versions'),
    ...requireEach(rule.apiVersions, `${path}.apiVersions`),
    ...validateResources(rule.resources ?? [], `${path}.resources`),
    ...checkOneOfIfGiven(`${path}.scope`, rule.scope, scopes),
  ];
}

function validateList(values: readonly string[] | undefined, field: string, noun: string): FieldError[] {
  if (!values?.length) return [required(field)];
  if (values.length === 1 || !values.includes('*')) return [];
  return [invalidValue(field, values, `if '*' is present, must not specify other ${noun}`)];
}

function requireEach(values: readonly string[] | undefined, field: string): FieldError[] {
  return (values ?? []).flatMap((value, i) => (value === '' ? [required(`${field}[${i}]`)] : []));
}

/** `pods`, `pods/status`, `pods/*`, `*\/scale`, `*`, `*\/*`: none may say what another has said. */
function validateResources(resources: readonly string[], field: string): FieldError[] {
  if (resources.length === 0) return [required(field)];
  const wholeResources = new Set<string>();
  const wholeSubresources = new Set<string>();
  const errors: FieldError[] = [];
  for (const [i, name] of resources.entries()) {
    const say = (text: string) => errors.push(invalidValue(`${field}[${i}]`, name, text));
    if (name === '') errors.push(required(`${field}[${i}]`));
    const slash = name.indexOf('/');
    if (slash < 0) continue;
    const [main, sub] = [name.slice(0, slash), name.slice(slash + 1)];
    if (wholeResources.has(main)) say(`if '${main}/*' is present, must not specify ${name}`);
    if (wholeSubresources.has(sub)) say(`if '*/${sub}' is present, must not specify ${name}`);
    if (sub === '*') wholeResources.add(main);
    if (main === '*') wholeSubresources.add(sub);
  }
  return [...errors, ...validateWildcards(resources, field)];
}

function validateWildcards(resources: readonly string[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  const say = (wildcard: string, others: string) =>
    errors.push(invalidValue(field, resources, `if '${wildcard}' is present, must not specify ${others}`));
  if (resources.length > 1 && resources.includes('*/*')) say('*/*', 'other resources');
  // Upstream looks at the last of them only.
  const last = resources.findLast((name) => name !== '' && !name.includes('/'));
  const hasPlain = last !== undefined && last !== '*';
  if (resources.includes('*') && hasPlain) say('*', 'other resources without subresources');
  return errors;
}
