/** Parameters for drivers: JSON objects that only a driver reads, bounded in size. */

import type { OpaqueDeviceConfiguration } from '../../generated/types.gen.ts';
import { type FieldError, invalidValue, required, tooLong } from '../../validation/field-error.ts';
import { byteLength } from '../../validation/validators.ts';
import { checkDriverName } from '../pods/validation/volumes/vendor.ts';

export const parametersMaxLength = 10 * 1024;

/** `isStored`: as an earlier object has it, which the bounds are not for. */
export function checkConfiguration(
  { opaque }: { opaque?: OpaqueDeviceConfiguration },
  path: string,
  isStored = false,
): FieldError[] {
  if (!opaque) return [required(`${path}.opaque`)];
  return [
    ...checkDriverName(`${path}.opaque.driver`, opaque.driver ?? ''),
    ...checkRawObject(opaque.parameters, `${path}.opaque.parameters`, parametersMaxLength, isStored),
  ];
}

export function checkRawObject(
  value: unknown,
  path: string,
  maxLength: number,
  isStored = false,
): FieldError[] {
  if (value === undefined || value === null) return [required(path)];
  if (!isStored && byteLength(JSON.stringify(value)) > maxLength) return [tooLong(path, maxLength)];
  if (typeof value === 'object' && !Array.isArray(value)) return [];
  return [invalidValue(path, '<value omitted>', 'must be a valid JSON object')];
}
