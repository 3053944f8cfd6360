/**
 * What a webhook must say before the API server calls it, in upstream's order of complaints. What an update
 * could find in an object of an older server, which upstream then tolerates, cannot be stored here.
 */

import type { MutatingWebhook, RuleWithOperations, ValidatingWebhook } from '../../generated/types.gen.ts';
import { validateLabelSelector } from '../../selectors/validation.ts';
import { checkField, checkOneOfIfGiven } from '../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { dns1035Label, dns1123Subdomain } from '../../validation/validators.ts';
import { validateMatchConditions } from './match-conditions.ts';
import { validateClientConfig } from './webhook-client-config.ts';

type Webhook = MutatingWebhook | ValidatingWebhook;

const knownReviewVersions = ['v1', 'v1beta1'];
const knownVersionsText = knownReviewVersions.join(', ');
const timeoutMaxSeconds = 30;

export function validateWebhooks(webhooks: readonly Webhook[] | undefined): FieldError[] {
  const names = new Set<string>();
  return (webhooks ?? []).flatMap((webhook, i) => {
    const path = `webhooks[${i}]`;
    const errors = validateWebhook(webhook, path);
    const { name } = webhook;
    if (name && names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    return errors;
  });
}

function validateWebhook(webhook: Webhook, path: string): FieldError[] {
  const { sideEffects, timeoutSeconds: seconds } = webhook;
  return [
    ...validateName(webhook.name ?? '', `${path}.name`),
    ...(webhook.rules ?? []).flatMap((rule, i) => validateRule(rule, `${path}.rules[${i}]`)),
    ...checkOneOfIfGiven(`${path}.failurePolicy`, webhook.failurePolicy, ['Fail', 'Ignore']),
    ...checkOneOfIfGiven(`${path}.matchPolicy`, webhook.matchPolicy, ['Equivalent', 'Exact']),
    ...(sideEffects === undefined
      ? [required(`${path}.sideEffects`, 'must specify one of None, NoneOnDryRun')]
      : checkOneOfIfGiven(`${path}.sideEffects`, sideEffects, ['None', 'NoneOnDryRun'])),
    ...(seconds !== undefined && (seconds < 1 || seconds > timeoutMaxSeconds)
      ? [
          invalidValue(
            `${path}.timeoutSeconds`,
            seconds,
            'the timeout value must be between 1 and 30 seconds',
          ),
        ]
      : []),
    ...validateLabelSelector(webhook.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(webhook.objectSelector, `${path}.objectSelector`),
    ...('reinvocationPolicy' in webhook
      ? checkOneOfIfGiven(`${path}.reinvocationPolicy`, webhook.reinvocationPolicy, ['IfNeeded', 'Never'])
      : []),
    ...validateClientConfig(webhook.clientConfig ?? {}, `${path}.clientConfig`),
    ...validateMatchConditions(webhook.matchConditions, `${path}.matchConditions`),
    ...validateReviewVersions(webhook.admissionReviewVersions, `${path}.admissionReviewVersions`),
  ];
}

function validateName(name: string, field: string): FieldError[] {
  if (!name) return [required(field)];
  const wrong = dns1123Subdomain(name);
  if (wrong.length > 0) return [invalidValue(field, name, wrong.join(','))];
  if (name.split('.').length >= 3) return [];
  return [invalidValue(field, name, 'should be a domain with at least three segments separated by dots')];
}

function validateReviewVersions(versions: readonly string[] | undefined, field: string): FieldError[] {
  if (!versions?.length) return [required(field, `must specify one of ${knownVersionsText}`)];
  const errors = versions.flatMap((version, i) =>
    versions.indexOf(version) < i
      ? [invalidValue(`${field}[${i}]`, version, 'duplicate version')]
      : checkField(`${field}[${i}]`, version, dns1035Label),
  );
  if (!versions.some((version) => knownReviewVersions.includes(version))) {
    errors.push(invalidValue(field, versions, `must include at least one of ${knownVersionsText}`));
  }
  return errors;
}

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const scopes = ['*', 'Cluster', 'Namespaced'];

function validateRule(rule: RuleWithOperations, path: string): FieldError[] {
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
