/** Webhook configurations and admission policies: fail closed, match equivalents, ten seconds. */

import type {
  MatchResources,
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '../../generated/types.gen.ts';
import { dropStatus, keepStatus } from '../shared/status-handling.ts';
import type { Strategy } from '../shared/strategy.ts';
import { validateWebhooks } from './webhook-validation.ts';

export const mutatingWebhookConfiguration: Strategy<MutatingWebhookConfiguration> = {
  hasGeneration: true,
  specOf: ({ webhooks }) => ({ webhooks }),
  validate: (configuration) => validateWebhooks(configuration.webhooks),
  allowUnconditionalUpdate: false,
  setDefaults(configuration) {
    for (const webhook of configuration.webhooks ?? []) {
      setWebhookDefaults(webhook);
      webhook.reinvocationPolicy ??= 'Never';
    }
  },
};

export const validatingWebhookConfiguration: Strategy<ValidatingWebhookConfiguration> = {
  hasGeneration: true,
  specOf: ({ webhooks }) => ({ webhooks }),
  validate: (configuration) => validateWebhooks(configuration.webhooks),
  allowUnconditionalUpdate: false,
  setDefaults(configuration) {
    for (const webhook of configuration.webhooks ?? []) setWebhookDefaults(webhook);
  },
};

export const validatingAdmissionPolicy: Strategy<ValidatingAdmissionPolicy> = {
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  setDefaults(policy) {
    if (!policy.spec) return;
    policy.spec.failurePolicy ??= 'Fail';
    if (policy.spec.matchConstraints) setMatchDefaults(policy.spec.matchConstraints);
  },
  prepareForCreate: dropStatus,
  prepareForUpdate: keepStatus,
};

export const validatingAdmissionPolicyBinding: Strategy<ValidatingAdmissionPolicyBinding> = {
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  setDefaults(binding) {
    if (binding.spec?.matchResources) setMatchDefaults(binding.spec.matchResources);
  },
};

function setWebhookDefaults(webhook: MutatingWebhook | ValidatingWebhook): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
  for (const rule of webhook.rules ?? []) rule.scope ??= '*';
  if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443;
}

function setMatchDefaults(match: MatchResources): void {
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])])
    rule.scope ??= '*';
}
