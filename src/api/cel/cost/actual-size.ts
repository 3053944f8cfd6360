/** The size of a value for costs: characters, bytes, elements or entries; 1 for all other values. */

import { OpaqueValue } from '../values/equal.ts';
import { ListValue } from '../values/list.ts';
import { MapValue } from '../values/map.ts';
import { Optional } from '../values/optional.ts';
import { textSize } from '../values/text.ts';
import { isBytes, type Value } from '../values/value.ts';

export function actualSize(value: Value): number {
  if (typeof value === 'string') return textSize(value);
  if (typeof value !== 'object' || value === null) return 1;
  if (value instanceof ListValue || value instanceof MapValue) return value.size;
  if (isBytes(value)) return value.length;
  if (value instanceof Optional && value.value !== undefined) return actualSize(value.value);
  return value instanceof OpaqueValue ? value.costSize : 1;
}
