/** What policies and their bindings have in common: which requests they match, and which parameters they take. */

import type {
  MatchResources,
  NamedRuleWithOperations,
  ParamKind,
  ParamRef,
} from '../../generated/types.gen.ts';
import { validateLabelSelector } from '../../selectors/validation.ts';
import { checkField, checkOneOf } from '../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { repeats } from '../../validation/repeats.ts';
import { dns1035Label, dns1123Subdomain, pathSegmentName } from '../../validation/validators.ts';
import { validateRule } from './admission-rules.ts';

export function validateParamKind(paramKind: ParamKind, path: string): FieldError[] {
  const { apiVersion = '', kind = '' } = paramKind;
  const field = `${path}.kind`;
  const wrong = dns1035Label(kind.toLowerCase()).join(',');
  const form = 'may have mixed case, but should otherwise match: ';
  if (kind === '') return [...validateApiVersion(apiVersion, `${path}.apiVersion`), required(field)];
  return [
    ...validateApiVersion(apiVersion, `${path}.apiVersion`),
    ...(wrong === '' ? [] : [invalidValue(field, kind, form + wrong)]),
  ];
}

function validateApiVersion(text: string, field: string): FieldError[] {
  if (text === '') return [required(field)];
  const parts = text === '/' ? ['', ''] : text.split('/');
  if (parts.length > 2) return [invalidValue(field, text, `unexpected GroupVersion string: ${text}`)];
  const [version, group = ''] = parts.toReversed() as [string, string?];
  return [
    ...(group === '' ? [] : together(field, group, dns1123Subdomain(group))),
    ...(version === ''
      ? [invalidValue(field, text, 'version must be specified')]
      : together(field, version, dns1035Label(version))),
  ];
}

const together = (field: string, value: string, wrong: readonly string[]) =>
  wrong.length === 0 ? [] : [invalidValue(field, value, wrong.join(','))];

/** Of a policy: it must say at least of which resources the objects are. */
export function validateMatchConstraints(match: MatchResources | undefined, path: string): FieldError[] {
  if (match === undefined) return [required(path)];
  return [
    ...validateMatchResources(match, path),
    ...(match.resourceRules?.length ? [] : [required(`${path}.resourceRules`)]),
  ];
}

export function validateMatchResources(match: MatchResources | undefined, path: string): FieldError[] {
  if (match === undefined) return [];
  const { matchPolicy, namespaceSelector, objectSelector } = match;
  return [
    ...(matchPolicy === ''
      ? [notSupported(`${path}.matchPolicy`, '', matchPolicies)]
      : checkOneOf(`${path}.matchPolicy`, matchPolicy, matchPolicies)),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(objectSelector, `${path}.objectSelector`),
    ...validateNamedRules(match.resourceRules, `${path}.resourceRules`),
    ...validateNamedRules(match.excludeResourceRules, `${path}.excludeResourceRules`),
  ];
}

const matchPolicies = ['Equivalent', 'Exact'];

function validateNamedRules(
  rules: readonly NamedRuleWithOperations[] | undefined,
  path: string,
): FieldError[] {
  return (rules ?? []).flatMap((rule, i) => [
    ...validateResourceNames(rule.resourceNames ?? [], `${path}[${i}].resourceNames`),
    ...validateRule(rule, `${path}[${i}]`),
  ]);
}

function validateResourceNames(names: readonly string[], path: string): FieldError[] {
  const isRepeated = repeats(names);
  return names.flatMap((name, i) => [
    ...checkField(`${path}[${i}]`, name, pathSegmentName),
    ...(isRepeated[i] ? [duplicate(`${path}[${i}]`, name)] : []),
  ]);
}

const mutableOperations = ['*', 'CONNECT', 'CREATE', 'UPDATE'];

/** What is deleted has no object that could be changed. */
export function validateMutableOperations(match: MatchResources | undefined, path: string): FieldError[] {
  const operations = (match?.resourceRules ?? []).flatMap((rule) => rule.operations ?? []);
  return operations
    .filter((operation) => !mutableOperations.includes(operation))
    .map((operation) => notSupported(`${path}.resourceRules.operations`, operation, mutableOperations));
}

const actionsWithoutParams = ['Deny', 'Allow'];
const exclusive = 'name and selector are mutually exclusive';

export function validateParamRef(ref: ParamRef | undefined, path: string): FieldError[] {
  if (ref === undefined) return [];
  const { name = '', selector, parameterNotFoundAction: action } = ref;
  const hasBoth = name !== '' && selector !== undefined;
  return [
    ...(name === '' ? [] : checkField(`${path}.name`, name, pathSegmentName)),
    ...(hasBoth ? [forbiddenField(`${path}.name`, exclusive)] : []),
    ...validateLabelSelector(selector, `${path}.selector`),
    ...(hasBoth ? [forbiddenField(`${path}.selector`, exclusive)] : []),
    ...(name === '' && selector === undefined
      ? [required(path, 'one of name or selector must be specified')]
      : []),
    ...checkOneOf(`${path}.parameterNotFoundAction`, action, actionsWithoutParams),
  ];
}
