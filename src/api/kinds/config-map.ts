/** ConfigMap: keys with text or bytes; frozen when `immutable`. */

import { checkField } from '../field-checks.ts';
import { type FieldError, invalidValue, noField, tooLong } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import type { ConfigMap } from '../types.gen.ts';
import { byteLength, configMapKey } from '../validators.ts';
import { base64ByteLength, dataMaxBytes, validateFrozen } from './frozen-data.ts';

export const configMap: Strategy<ConfigMap> = {
  validate: validateConfigMap,
  validateUpdate: (now, old) => [
    ...validateFrozen(now, old, ['data', 'binaryData']),
    ...validateConfigMap(now),
  ],
};

function validateConfigMap(map: ConfigMap): FieldError[] {
  const { data = {}, binaryData = {} } = map;
  const errors: FieldError[] = [];
  let totalBytes = 0;
  for (const [key, value] of Object.entries(data)) {
    errors.push(...checkField(`data[${key}]`, key, configMapKey));
    if (Object.hasOwn(binaryData, key)) {
      errors.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    }
    totalBytes += byteLength(value);
  }
  for (const [key, value] of Object.entries(binaryData)) {
    errors.push(...checkField(`binaryData[${key}]`, key, configMapKey));
    totalBytes += base64ByteLength(value);
  }
  // The empty path means the whole object.
  return totalBytes > dataMaxBytes ? [...errors, tooLong(noField, dataMaxBytes)] : errors;
}
