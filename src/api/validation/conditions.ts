/** Validation of the conditions of meta/v1, which newer kinds have in their status. */

import { checkField } from './field-checks.ts';
import { duplicate, type FieldError, invalidValue, notSupported, required, tooLong } from './field-error.ts';
import { repeats } from './repeats.ts';
import { byteLength, conditionReason, mustBeAtLeastZero, qualifiedName } from './validators.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

const statuses = ['False', 'True', 'Unknown'];
const reasonMaxLength = 1024;
const messageMaxLength = 32 * 1024;

export function checkConditions(conditions: readonly Condition[], path: string): FieldError[] {
  const isRepeated = repeats(conditions.map(({ type }) => type));
  return conditions.flatMap((condition, i) => {
    const at = `${path}[${i}]`;
    const errors = isRepeated[i] ? [duplicate(`${at}.type`, condition.type)] : [];
    return [...errors, ...checkCondition(condition, at)];
  });
}

function checkCondition(condition: Condition, path: string): FieldError[] {
  const {
    type = '',
    status = '',
    observedGeneration,
    lastTransitionTime,
    reason = '',
    message = '',
  } = condition;
  const errors = checkField(`${path}.type`, type, qualifiedName);
  if (!statuses.includes(status)) errors.push(notSupported(`${path}.status`, status, statuses));
  if (observedGeneration !== undefined && observedGeneration < 0) {
    errors.push(invalidValue(`${path}.observedGeneration`, observedGeneration, mustBeAtLeastZero));
  }
  if (!lastTransitionTime) errors.push(required(`${path}.lastTransitionTime`));
  const at = `${path}.reason`;
  if (reason === '') errors.push(required(at));
  else errors.push(...checkField(at, reason, conditionReason));
  if (byteLength(reason) > reasonMaxLength) errors.push(tooLong(at, reasonMaxLength));
  if (byteLength(message) > messageMaxLength) errors.push(tooLong(`${path}.message`, messageMaxLength));
  return errors;
}
