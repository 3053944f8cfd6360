/** What JSON has where Go has the zero of a type. */

import type { TypeRef } from './schema.ts';

/** What a null among a list's or map's values means, and what a map's entry in protobuf has that is only a key. */
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
    case 'any':
    case 'time':
    case 'microTime':
      return null;
    default:
      return '';
  }
}
