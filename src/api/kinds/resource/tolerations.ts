/** Taints of devices, and what tolerates them. */

import type { DeviceTaint, DeviceToleration } from '../../generated/types.gen.ts';
import { checkField, checkOneOf } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, notSupported, required } from '../../validation/field-error.ts';
import { labelValue, qualifiedName } from '../../validation/validators.ts';

const effects = ['NoExecute', 'NoSchedule', 'None'];
const operators = ['Equal', 'Exists'];

export function checkTaint({ key = '', value, effect }: DeviceTaint, path: string): FieldError[] {
  return [
    ...checkField(`${path}.key`, key, qualifiedName),
    ...(value ? checkField(`${path}.value`, value, labelValue) : []),
    ...checkOneOf(`${path}.effect`, effect, effects),
  ];
}

export function checkTolerations(tolerations: DeviceToleration[] | undefined, path: string): FieldError[] {
  return (tolerations ?? []).flatMap((toleration, i) => checkToleration(toleration, `${path}[${i}]`));
}

function checkToleration({ key, operator, value, effect }: DeviceToleration, path: string): FieldError[] {
  const errors = key ? checkField(`${path}.key`, key, qualifiedName) : [];
  if (!operator) errors.push(required(`${path}.operator`));
  else if (operator === 'Equal') errors.push(...checkField(`${path}.value`, value, labelValue));
  else if (operator !== 'Exists') errors.push(notSupported(`${path}.operator`, operator, operators));
  else if (value) errors.push(invalidValue(`${path}.value`, value, 'must be empty for operator `Exists`'));
  if (effect && !effects.includes(effect)) errors.push(notSupported(`${path}.effect`, effect, effects));
  return errors;
}
