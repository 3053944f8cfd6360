/** PriorityClass: priority of pods; the two `system-` classes are reserved. */

import { ownValue } from '#base/own-value.ts';
import { priorityClasses } from '../../generated/kinds.gen.ts';
import type { PriorityClass } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { systemPriorities } from '../../pods/system-priority.ts';
import { checkImmutable, checkOneOfIfGiven } from '../../validation/field-checks.ts';
import { type FieldError, forbiddenField, required } from '../../validation/field-error.ts';

export const priorityClass = defineKind(priorityClasses, {
  hasGeneration: true,
  setDefaults(priorityClass) {
    priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  validate: validatePriorityClass,
  validateUpdate: (now, old) => [
    ...(now.value === old.value ? [] : [forbiddenField('value', 'may not be changed in an update.')]),
    ...checkImmutable('preemptionPolicy', now.preemptionPolicy, old.preemptionPolicy),
  ],
  printer: {
    columns: [
      nameColumn,
      column('Value', 'integer'),
      column('Global-Default', 'boolean'),
      ageColumn,
      column('PreemptionPolicy'),
    ],
    cells: (priorityClass, now) => [
      nameOf(priorityClass),
      priorityClass.value,
      priorityClass.globalDefault ?? false,
      ageOf(priorityClass, now),
      priorityClass.preemptionPolicy ?? '',
    ],
  },
});

const userPriorityMax = 1_000_000_000;

const systemClasses: Readonly<Record<string, number>> = systemPriorities;

function validatePriorityClass(priorityClass: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  const name = priorityClass.metadata?.name ?? '';
  if (name.startsWith('system-')) {
    const known = ownValue(systemClasses, name) === priorityClass.value && !priorityClass.globalDefault;
    if (!known) {
      const text = "priority class names with 'system-' prefix are reserved for system use only";
      errors.push(forbiddenField('metadata.name', text));
    }
  } else if ((priorityClass.value ?? 0) > userPriorityMax) {
    errors.push(
      forbiddenField('value', `maximum allowed value of a user defined priority is ${userPriorityMax}`),
    );
  }
  const policies = ['PreemptLowerPriority', 'Never'];
  if (priorityClass.preemptionPolicy === '') return [...errors, required('preemptionPolicy')];
  return [...errors, ...checkOneOfIfGiven('preemptionPolicy', priorityClass.preemptionPolicy, policies)];
}
