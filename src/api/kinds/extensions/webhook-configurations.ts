/**
 * MutatingWebhookConfiguration and ValidatingWebhookConfiguration: by default fail closed, match equivalents,
 * ten seconds timeout.
 */

import { mutatingWebhookConfigurations, validatingWebhookConfigurations } from '../../generated/kinds.gen.ts';
import type { MutatingWebhook, ValidatingWebhook } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn, type PrintTime } from '../../kind/printer.ts';
import type { KubeObject } from '../../meta/object.ts';
import { warnOfStaticSuffix } from './static-suffix.ts';
import { validateWebhooks } from './webhook-validation.ts';

const webhookColumns = [nameColumn, column('Webhooks', 'integer'), ageColumn];

export const mutatingWebhookConfiguration = defineKind(mutatingWebhookConfigurations, {
  hasGeneration: true,
  comparesLiterally: true,
  specOf: ({ webhooks }) => ({ webhooks }),
  validate: (configuration) => validateWebhooks(configuration.webhooks),
  updateChecks: ['metadata', 'change'],
  takesPlainFinalizers: true,
  warnings: warnOfStaticSuffix,
  allowUnconditionalUpdate: false,
  setDefaults(configuration) {
    for (const webhook of configuration.webhooks ?? []) {
      setWebhookDefaults(webhook);
      webhook.reinvocationPolicy ??= 'Never';
    }
  },
  printer: {
    columns: webhookColumns,
    cells: webhookCells,
  },
});

export const validatingWebhookConfiguration = defineKind(validatingWebhookConfigurations, {
  hasGeneration: true,
  comparesLiterally: true,
  specOf: ({ webhooks }) => ({ webhooks }),
  validate: (configuration) => validateWebhooks(configuration.webhooks),
  updateChecks: ['metadata', 'change'],
  takesPlainFinalizers: true,
  warnings: warnOfStaticSuffix,
  allowUnconditionalUpdate: false,
  setDefaults(configuration) {
    for (const webhook of configuration.webhooks ?? []) setWebhookDefaults(webhook);
  },
  printer: {
    columns: webhookColumns,
    cells: webhookCells,
  },
});

function webhookCells(
  configuration: KubeObject & { webhooks?: readonly unknown[] },
  now: PrintTime,
): unknown[] {
  return [nameOf(configuration), configuration.webhooks?.length ?? 0, ageOf(configuration, now)];
}

function setWebhookDefaults(webhook: MutatingWebhook | ValidatingWebhook): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
  for (const rule of webhook.rules ?? []) rule.scope ??= '*';
  if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443;
}
