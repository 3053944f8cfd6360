/** The columns of the admissionregistration group. */

import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  mutatingWebhookConfigurations,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  validatingWebhookConfigurations,
} from '../generated/kinds.gen.ts';
import type { KubeObject } from '../meta/object.ts';
import { ageOf, nameOf, unset } from './cells.ts';
import { ageColumn, column, definePrinted, nameColumn } from './define.ts';

const webhookColumns = [nameColumn, column('Webhooks', 'integer'), ageColumn];

function webhookCells(one: KubeObject & { webhooks?: readonly unknown[] }, nowMs: number): unknown[] {
  return [nameOf(one), one.webhooks?.length ?? 0, ageOf(one, nowMs)];
}

export const mutatingWebhookColumns = definePrinted(
  mutatingWebhookConfigurations,
  webhookColumns,
  webhookCells,
);

export const validatingWebhookColumns = definePrinted(
  validatingWebhookConfigurations,
  webhookColumns,
  webhookCells,
);

function paramKind(kind: { apiVersion?: string; kind?: string } | undefined): string {
  if (!kind) return unset;
  return kind.apiVersion ? `${kind.apiVersion}/${kind.kind}` : (kind.kind ?? '');
}

export const validatingPolicyColumns = definePrinted(
  validatingAdmissionPolicies,
  [nameColumn, column('Validations', 'integer'), column('ParamKind'), ageColumn],
  (one, nowMs) => [
    nameOf(one),
    one.spec?.validations?.length ?? 0,
    paramKind(one.spec?.paramKind),
    ageOf(one, nowMs),
  ],
);

export const mutatingPolicyColumns = definePrinted(
  mutatingAdmissionPolicies,
  [nameColumn, column('Mutations', 'integer'), column('ParamKind'), ageColumn],
  (one, nowMs) => [
    nameOf(one),
    one.spec?.mutations?.length ?? 0,
    paramKind(one.spec?.paramKind),
    ageOf(one, nowMs),
  ],
);

const bindingColumns = [nameColumn, column('PolicyName'), column('ParamRef'), ageColumn];

function paramRef(ref: { namespace?: string; name?: string } | undefined): string {
  if (!ref) return unset;
  const name = ref.name || '*';
  return ref.namespace ? `${ref.namespace}/${name}` : name;
}

interface Binding extends KubeObject {
  spec?: { policyName?: string; paramRef?: { namespace?: string; name?: string } };
}

function bindingCells(one: Binding, nowMs: number): unknown[] {
  return [nameOf(one), one.spec?.policyName ?? '', paramRef(one.spec?.paramRef), ageOf(one, nowMs)];
}

export const validatingPolicyBindingColumns = definePrinted(
  validatingAdmissionPolicyBindings,
  bindingColumns,
  bindingCells,
);

export const mutatingPolicyBindingColumns = definePrinted(
  mutatingAdmissionPolicyBindings,
  bindingColumns,
  bindingCells,
);
