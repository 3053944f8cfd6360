/** Whether a definition in one of the groups that belong to the Kubernetes community has been approved. */

import type { CustomResourceDefinition } from '../../generated/types.gen.ts';
import { type FieldError, invalidValue, required } from '../../validation/field-error.ts';

const annotation = 'api-approved.kubernetes.io';
const reference = 'see https://github.com/kubernetes/enhancements/pull/1111';

export interface Approval {
  readonly state: 'approved' | 'bypassed' | 'missing' | 'invalid';
  readonly message: string;
}

export function isProtectedGroup(group: string): boolean {
  return /(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group);
}

export function approvalOf({ metadata }: CustomResourceDefinition): Approval {
  const given = metadata?.annotations?.[annotation] ?? '';
  const needed = `protected groups must have approval annotation "${annotation}"`;
  if (given === '') return { state: 'missing', message: `${needed}, ${reference}` };
  if (given.startsWith('unapproved')) {
    return { state: 'bypassed', message: `not approved: ${JSON.stringify(given)}` };
  }
  if (URL.canParse(given) && new URL(given).host !== '') {
    return { state: 'approved', message: `approved in ${given}` };
  }
  return {
    state: 'invalid',
    message: `${needed} with either a URL or a reason starting with "unapproved", ${reference}`,
  };
}

export function validateApproval(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): FieldError[] {
  if (!isProtectedGroup(definition.spec.group ?? '')) return [];
  const { state, message } = approvalOf(definition);
  if (state === 'approved' || state === 'bypassed') return [];
  if (old && approvalOf(old).state === state) return [];
  const path = `metadata.annotations[${annotation}]`;
  if (state === 'missing') return [required(path, message)];
  return [invalidValue(path, definition.metadata?.annotations?.[annotation] ?? '', message)];
}
