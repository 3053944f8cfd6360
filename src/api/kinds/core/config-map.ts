/** ConfigMap: keys with text or bytes; immutable on request. */

import { configMaps } from '../../generated/kinds.gen.ts';
import type { ConfigMap } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { countedAs } from '../../kind/quota.ts';
import { checkField } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, noField, tooLong } from '../../validation/field-error.ts';
import { byteLength, configMapKey } from '../../validation/validators.ts';
import { base64ByteLength, dataMaxBytes, validateFrozen } from './frozen-data.ts';

export const configMap = defineKind(configMaps, {
  validate: validateConfigMap,
  updateChecks: ['metadataChange', 'metadata', 'change'],
  validateUpdate: (now, old) => [
    ...validateFrozen(now, old, ['data', 'binaryData']),
    ...validateConfigMap(now),
  ],
  boundsData: true,
  quota: countedAs('configmaps'),
  printer: {
    columns: [nameColumn, column('Data'), ageColumn],
    cells: (configMap, now) => {
      const keys = Object.keys(configMap.data ?? {}).length + Object.keys(configMap.binaryData ?? {}).length;
      return [nameOf(configMap), keys, ageOf(configMap, now)];
    },
  },
});

function validateConfigMap(map: ConfigMap): FieldError[] {
  const { data = {}, binaryData = {} } = map;
  const errors: FieldError[] = [];
  let totalBytes = 0;
  for (const key in data) {
    errors.push(...checkField(`data[${key}]`, key, configMapKey));
    if (Object.hasOwn(binaryData, key)) {
      errors.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    }
    totalBytes += byteLength(data[key]!);
  }
  for (const key in binaryData) {
    errors.push(...checkField(`binaryData[${key}]`, key, configMapKey));
    totalBytes += base64ByteLength(binaryData[key]!);
  }
  // The empty path stands for the whole object.
  return totalBytes > dataMaxBytes ? [...errors, tooLong(noField, dataMaxBytes)] : errors;
}
