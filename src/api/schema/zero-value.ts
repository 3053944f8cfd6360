/** The JSON value of a Go type's zero value. */

import type { FieldDef, TypeRef } from './schema.ts';

/** The value of null in a list or map, and of a protobuf map entry without a value. */
export function zeroOf(ref: TypeRef): unknown {
  switch (ref.kind) {
    case 'object':
    case 'map':
      return {};
    case 'list':
      return [];
    case 'boolean':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    case 'duration':
      return '0s';
    case 'any':
    case 'time':
    case 'microTime':
      return null;
    default:
      return '';
  }
}

/** The zero value of a field: where it is a list or a map, Go has none rather than an empty one. */
export function zeroOfField(ref: TypeRef): unknown {
  return ref.kind === 'list' || ref.kind === 'map' || ref.kind === 'bytes' ? null : zeroOf(ref);
}

/** Go omits the field when it has the value `decoded`. */
export function isLeftOut(field: FieldDef, decoded: unknown): boolean {
  if (field.dropsZero && (decoded === '' || decoded === 0 || decoded === false)) return true;
  return decoded === '' && field.type.kind === 'bytes' && !field.writesZero;
}
