/** Validation of webhooks before the API server calls them. */

import type {
  MutatingWebhook,
  RuleWithOperations,
  ValidatingWebhook,
  WebhookClientConfig,
} from '../../generated/types.gen.ts';
import { validateLabelSelector } from '../../selectors/validation.ts';
import { checkOneOfIfGiven } from '../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { dns1123Subdomain } from '../../validation/validators.ts';
import { validateWebhookService, validateWebhookUrl } from '../../validation/webhook-client.ts';

type Webhook = MutatingWebhook | ValidatingWebhook;

const knownReviewVersions = ['v1', 'v1beta1'];
const timeoutMaxSeconds = 30;

export function validateWebhooks(webhooks: readonly Webhook[] | undefined): FieldError[] {
  const names = new Set<string>();
  return (webhooks ?? []).flatMap((webhook, i) => {
    const path = `webhooks[${i}]`;
    const errors = validateWebhook(webhook, path);
    if (names.has(webhook.name)) errors.push(duplicate(`${path}.name`, webhook.name));
    names.add(webhook.name);
    return errors;
  });
}

function validateWebhook(webhook: Webhook, path: string): FieldError[] {
  const errors = [
    ...validateName(webhook.name ?? '', `${path}.name`),
    ...validateReviewVersions(webhook.admissionReviewVersions, `${path}.admissionReviewVersions`),
    ...(webhook.rules ?? []).flatMap((rule, i) => validateRule(rule, `${path}.rules[${i}]`)),
    ...checkOneOfIfGiven(`${path}.failurePolicy`, webhook.failurePolicy, ['Fail', 'Ignore']),
    ...checkOneOfIfGiven(`${path}.matchPolicy`, webhook.matchPolicy, ['Equivalent', 'Exact']),
  ];
  if (webhook.sideEffects === undefined) {
    errors.push(required(`${path}.sideEffects`, 'must specify one of None, NoneOnDryRun'));
  }
  errors.push(...checkOneOfIfGiven(`${path}.sideEffects`, webhook.sideEffects, ['None', 'NoneOnDryRun']));
  const seconds = webhook.timeoutSeconds;
  if (seconds !== undefined && (seconds < 1 || seconds > timeoutMaxSeconds)) {
    const text = 'the timeout value must be between 1 and 30 seconds';
    errors.push(invalidValue(`${path}.timeoutSeconds`, seconds, text));
  }
  return [
    ...errors,
    ...validateLabelSelector(webhook.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(webhook.objectSelector, `${path}.objectSelector`),
    ...validateClientConfig(webhook.clientConfig ?? {}, `${path}.clientConfig`),
  ];
}

function validateName(name: string, field: string): FieldError[] {
  if (!name) return [required(field)];
  const wrong = dns1123Subdomain(name);
  if (wrong.length > 0) return [invalidValue(field, name, wrong.join(','))];
  if (name.split('.').length >= 3) return [];
  return [invalidValue(field, name, 'should be a domain with at least three segments separated by dots')];
}

function validateReviewVersions(versions: string[] | undefined, field: string): FieldError[] {
  if (!versions?.length) {
    return [required(field, 'must specify one of v1, v1beta1')];
  }
  if (versions.some((version) => knownReviewVersions.includes(version))) return [];
  const text = 'must include at least one of v1, v1beta1';
  return [invalidValue(field, versions, text)];
}

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const scopes = ['*', 'Cluster', 'Namespaced'];

function validateRule(rule: RuleWithOperations, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of ['operations', 'apiGroups', 'apiVersions', 'resources'] as const) {
    const values = rule[key] ?? [];
    if (values.length === 0) errors.push(required(`${path}.${key}`));
    if (key !== 'resources' && values.length > 1 && values.includes('*')) {
      const text = "if '*' is present, must not specify other";
      errors.push(invalidValue(`${path}.${key}`, values, `${text} ${nounOf[key]}`));
    }
  }
  for (const [i, operation] of (rule.operations ?? []).entries()) {
    if (!operations.includes(operation)) {
      errors.push(notSupported(`${path}.operations[${i}]`, operation, operations));
    }
  }
  return [...errors, ...checkOneOfIfGiven(`${path}.scope`, rule.scope, scopes)];
}

const nounOf = { operations: 'operations', apiGroups: 'API groups', apiVersions: 'API versions' } as const;

function validateClientConfig({ url, service }: WebhookClientConfig, path: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) {
    return [required(path, 'exactly one of url or service is required')];
  }
  if (url !== undefined) return validateWebhookUrl(url, `${path}.url`);
  return validateWebhookService(service!, `${path}.service`);
}
