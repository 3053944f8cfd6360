/**
 * What a webhook must say before the API server calls it, in upstream's order of complaints. What an update
 * could find in an object of an older server, which upstream then tolerates, cannot be stored here.
 */

import type { MutatingWebhook, ValidatingWebhook } from '../../generated/types.gen.ts';
import { validateLabelSelector } from '../../selectors/validation.ts';
import { checkField, checkOneOfIfGiven } from '../../validation/field-checks.ts';
import { duplicate, type FieldError, invalidValue, required } from '../../validation/field-error.ts';
import { repeats } from '../../validation/repeats.ts';
import { dns1035Label, dns1123Subdomain } from '../../validation/validators.ts';
import { validateClientConfig } from '../../validation/webhook-client.ts';
import { validateRule } from './admission-rules.ts';
import { refuseManyExpressions } from './expressions-limit.ts';
import { validateMatchConditions } from './match-conditions.ts';

type Webhook = MutatingWebhook | ValidatingWebhook;

const knownReviewVersions = ['v1', 'v1beta1'];
const knownVersionsText = knownReviewVersions.join(', ');
const timeoutMaxSeconds = 30;

export function validateWebhooks(webhooks: readonly Webhook[] | undefined): FieldError[] {
  const names = new Set<string>();
  const conditions = (webhooks ?? []).flatMap(({ matchConditions = [] }) => matchConditions);
  refuseManyExpressions(conditions.map(({ expression }) => expression));
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
    ...(!sideEffects && sideEffects !== ''
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
  const isRepeated = repeats(versions);
  const errors = versions.flatMap((version, i) =>
    isRepeated[i]
      ? [invalidValue(`${field}[${i}]`, version, 'duplicate version')]
      : checkField(`${field}[${i}]`, version, dns1035Label),
  );
  if (!versions.some((version) => knownReviewVersions.includes(version))) {
    errors.push(invalidValue(field, versions, `must include at least one of ${knownVersionsText}`));
  }
  return errors;
}
