/** Integers as Go converts them between types: what does not fit loses its upper bits, without an error. */

import type { ScalarKind } from './schema.ts';

/** Below every integer of 64 bits: what the machine makes of a double that is beyond them. */
const beyond = -(2n ** 63n);

/** Other values, and numbers with a fraction, are returned as they are. */
export function asConverted(value: unknown, kind: ScalarKind): unknown {
  if ((kind !== 'int32' && kind !== 'int64') || typeof value !== 'number') return value;
  if (!Number.isInteger(value)) return value;
  if (kind === 'int32' && (value | 0) === value) return value;
  const exact = Math.abs(value) < 2 ** 63 ? BigInt(value) : beyond;
  return Number(kind === 'int32' ? BigInt.asIntN(32, exact) : exact);
}
