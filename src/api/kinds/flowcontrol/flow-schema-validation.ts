/** Which FlowSchemas are valid, with upstream's field errors. */

import type {
  FlowSchema,
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  FlowcontrolV1Subject as Subject,
} from '../../generated/types.gen.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { checkField } from '../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { dns1123Label, dns1123Subdomain } from '../../validation/validators.ts';
import { mandatorySchemas } from './default-objects.ts';
import { flowSchemaSpecText } from './internal-spec.ts';

const matchingPrecedenceMax = 10_000;
const distinguishers = ['ByNamespace', 'ByUser'];
const verbs = 'create delete deletecollection get list patch proxy update watch'.split(' ');

export function validateFlowSchema({ metadata, spec, status }: FlowSchema): FieldError[] {
  const name = metadata?.name ?? '';
  const errors = checkSpec(name, spec ?? { priorityLevelConfiguration: { name: '' } });
  const fixed = mandatorySchemas.find((schema) => schema.metadata?.name === name);
  if (fixed && !deepEqual(spec, fixed.spec)) {
    errors.push(
      invalidValue('spec', flowSchemaSpecText(spec), `spec of '${name}' must equal the fixed value`),
    );
  }
  return [...errors, ...checkConditions(status)];
}

/** Of both kinds of this group. */
export function checkConditions(
  status: { readonly conditions?: readonly { readonly type?: string }[] } | undefined,
): FieldError[] {
  const seen = new Set<string>();
  return (status?.conditions ?? []).flatMap(({ type = '' }, i) => {
    const at = `status.conditions[${i}].type`;
    const errors = seen.has(type) ? [duplicate(at, type)] : [];
    seen.add(type);
    return type === '' ? [...errors, required(at)] : errors;
  });
}

function checkSpec(name: string, spec: FlowSchemaSpec): FieldError[] {
  const errors = checkPrecedence(name, spec.matchingPrecedence ?? 0);
  const method = spec.distinguisherMethod;
  if (method && !distinguishers.includes(method.type)) {
    errors.push(notSupported('spec.distinguisherMethod.type', { Type: method.type ?? '' }, distinguishers));
  }
  const level = spec.priorityLevelConfiguration?.name ?? '';
  const at = 'spec.priorityLevelConfiguration.name';
  if (level === '') errors.push(required(at, 'must reference a priority level'));
  else errors.push(...checkField(at, level, dns1123Subdomain));
  return [...errors, ...(spec.rules ?? []).flatMap((rule, i) => checkRule(rule, `spec.rules[${i}]`))];
}

function checkPrecedence(name: string, precedence: number): FieldError[] {
  const wrong = (text: string) => invalidValue('spec.matchingPrecedence', precedence, text);
  if (precedence <= 0) return [wrong('must be a positive value')];
  if (precedence > matchingPrecedenceMax) return [wrong(`must not be greater than ${matchingPrecedenceMax}`)];
  if (precedence !== 1 || name === 'exempt') return [];
  return [wrong("only the schema named 'exempt' may have matchingPrecedence 1")];
}

function checkRule(rule: PolicyRulesWithSubjects, at: string): FieldError[] {
  const { resourceRules = [], nonResourceRules = [] } = rule;
  const subjects = rule.subjects ?? [];
  const errors = subjects.flatMap((subject, i) => checkSubject(subject, `${at}.subjects[${i}]`));
  if (subjects.length === 0) {
    errors.push(required(`${at}.subjects`, 'subjects must contain at least one value'));
  }
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    errors.push(required(at, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  }
  return [
    ...errors,
    ...resourceRules.flatMap((rule, i) => checkResourceRule(rule, `${at}.resourceRules[${i}]`)),
    ...nonResourceRules.flatMap((rule, i) => checkNonResourceRule(rule, `${at}.nonResourceRules[${i}]`)),
  ];
}

/** In the order in which upstream checks them for each kind. */
const membersByKind = {
  ServiceAccount: ['serviceAccount', 'user', 'group'],
  User: ['user', 'serviceAccount', 'group'],
  Group: ['group', 'serviceAccount', 'user'],
} as const;
const kindOf = { serviceAccount: 'ServiceAccount', user: 'User', group: 'Group' } as const;

function checkSubject(subject: Subject, at: string): FieldError[] {
  const kind = subject.kind as keyof typeof membersByKind;
  const members = Object.hasOwn(membersByKind, kind) ? membersByKind[kind] : undefined;
  if (!members) return [notSupported(`${at}.kind`, kind ?? '', ['Group', 'ServiceAccount', 'User'])];
  const [own, ...others] = members;
  const errors = subject[own]
    ? checkMember(subject, own, `${at}.${own}`)
    : [required(`${at}.${own}`, `${own} is required when subject kind is '${kind}'`)];
  for (const other of others) {
    if (!subject[other]) continue;
    const text = `${other} is forbidden when subject kind is not '${kindOf[other]}'`;
    errors.push(forbiddenField(`${at}.${other}`, text));
  }
  return errors;
}

function checkMember(subject: Subject, member: keyof typeof kindOf, at: string): FieldError[] {
  const name = subject[member]!.name ?? '';
  if (member !== 'serviceAccount') return name === '' ? [required(`${at}.name`)] : [];
  const errors = name === '' ? [required(`${at}.name`)] : [];
  if (name !== '' && name !== '*') errors.push(...checkField(`${at}.name`, name, dns1123Subdomain));
  const namespace = subject.serviceAccount?.namespace ?? '';
  if (namespace !== '') return [...errors, ...checkField(`${at}.namespace`, namespace, dns1123Label)];
  return [...errors, required(`${at}.namespace`, 'must specify namespace for service account')];
}

function checkNonResourceRule(rule: NonResourcePolicyRule, at: string): FieldError[] {
  const errors = checkVerbs(rule.verbs ?? [], at);
  const nonResourceURLs = rule.nonResourceURLs ?? [];
  const urls = `${at}.nonResourceURLs`;
  if (nonResourceURLs.length === 0) {
    return [...errors, required(urls, 'nonResourceURLs must contain at least one value')];
  }
  if (nonResourceURLs.includes('*')) {
    return [...errors, ...checkAlone(nonResourceURLs, urls, 'non-resource URLs')];
  }
  for (const [i, url] of nonResourceURLs.entries()) {
    const problem = problemOfUrl(url);
    if (problem !== undefined) errors.push(invalidValue(`${urls}[${i}]`, url, problem));
  }
  return errors;
}

function checkVerbs(given: readonly string[], rule: string): FieldError[] {
  const at = `${rule}.verbs`;
  if (given.length === 0) return [required(at, 'verbs must contain at least one value')];
  if (given.includes('*')) return checkAlone(given, at, 'verbs');
  return given.every((verb) => verbs.includes(verb)) ? [] : [notSupported(at, given, verbs)];
}

function checkAlone(values: readonly string[], at: string, what: string): FieldError[] {
  if (values.length <= 1 || !values.includes('*')) return [];
  return [invalidValue(at, values, `if '*' is present, must not specify other ${what}`)];
}

function problemOfUrl(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const star = url.indexOf('*');
  const isSuffix = star < 0 || (star === url.length - 1 && url.endsWith('/*'));
  return isSuffix ? undefined : 'wildcard can only do suffix matching';
}

function checkResourceRule(rule: ResourcePolicyRule, at: string): FieldError[] {
  return [
    ...checkVerbs(rule.verbs ?? [], at),
    ...checkSupplied(rule.apiGroups ?? [], `${at}.apiGroups`, 'api group'),
    ...checkSupplied(rule.resources ?? [], `${at}.resources`, 'resource'),
    ...checkNamespaces(rule, `${at}.namespaces`),
  ];
}

function checkSupplied(values: readonly string[], at: string, what: string): FieldError[] {
  if (values.length === 0) return [required(at, `resource rules must supply at least one ${what}`)];
  return checkAlone(values, at, `${what}s`);
}

function checkNamespaces(rule: ResourcePolicyRule, at: string): FieldError[] {
  const namespaces = rule.namespaces ?? [];
  if (namespaces.length === 0) {
    const text = 'resource rules that are not cluster scoped must supply at least one namespace';
    return rule.clusterScope ? [] : [required(at, text)];
  }
  if (namespaces.includes('*')) return checkAlone(namespaces, at, 'namespaces');
  const check = (namespace: string) =>
    dns1123Label(namespace).map(
      (text) => `each member of this list must be '*' or a DNS-1123 label; ${text}`,
    );
  return namespaces.flatMap((namespace, i) => checkField(`${at}[${i}]`, namespace, check));
}
