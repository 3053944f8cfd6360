/**
 * Conditions of a CustomResourceDefinition that change nothing in how it is served: whether the use of a protected
 * group is approved, whether its schemas are structural.
 */

import { approvalOf, isProtectedGroup } from '#api/custom/definitions/approval.ts';
import { notStructural, validateStructural } from '#api/custom/definitions/structure.ts';
import type { CustomResourceDefinition } from '#api/generated/types.gen.ts';
import { aggregateText } from '#api/go/aggregate.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import { fieldErrorMessage, invalidValue } from '#api/validation/field-error.ts';
import { type ConditionChange, removeCondition, setCondition } from './conditions.ts';

/** In place; returns whether a condition has changed. `now` in RFC 3339. */
export function setReportedConditions(definition: CustomResourceDefinition, now: string): boolean {
  const before = JSON.stringify(definition.status?.conditions ?? []);
  const approval = approvalCondition(definition);
  if (approval) setCondition(definition, approval, now);
  if (mayBeUnstructured(definition)) {
    const structure = structureCondition(definition);
    if (structure) setCondition(definition, structure, now);
    else removeCondition(definition, nonStructural);
  }
  return JSON.stringify(definition.status?.conditions ?? []) !== before;
}

const nonStructural = 'NonStructuralSchema';

/** Only a definition that an older server stored can have such a schema: writes are validated. */
function mayBeUnstructured({ spec, status }: CustomResourceDefinition): boolean {
  return Boolean(spec.preserveUnknownFields) || conditionOf(status, nonStructural) !== undefined;
}

const approvalReasons = {
  approved: 'ApprovedAnnotation',
  bypassed: 'UnapprovedAnnotation',
  missing: 'MissingAnnotation',
  invalid: 'InvalidAnnotation',
} as const;

function approvalCondition(definition: CustomResourceDefinition): ConditionChange | undefined {
  if (!isProtectedGroup(definition.spec.group)) return undefined;
  const { state, message } = approvalOf(definition);
  const type = 'KubernetesAPIApprovalPolicyConformant';
  const status = state === 'approved' ? 'True' : 'False';
  return { type, status, reason: approvalReasons[state], message };
}

function structureCondition({ spec }: CustomResourceDefinition): ConditionChange | undefined {
  const errors = spec.preserveUnknownFields
    ? [invalidValue('spec.preserveUnknownFields', true, 'must be false')]
    : [];
  for (const [i, { name, schema }] of spec.versions.entries()) {
    const root = schema?.openAPIV3Schema;
    if (!root) continue;
    const why = notStructural(root);
    if (why) {
      const message = `failed to check validation schema for version ${name}: ${why}`;
      return { type: nonStructural, status: 'Unknown', reason: 'StructuralError', message };
    }
    errors.push(...validateStructural(root, `spec.versions[${i}].schema.openAPIV3Schema`));
  }
  if (errors.length === 0) return undefined;
  const message = aggregateText(errors.map(fieldErrorMessage));
  return { type: nonStructural, status: 'True', reason: 'Violations', message };
}
