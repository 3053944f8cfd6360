/**
 * Finds an integer that a double does not hold: objects keep numbers as doubles, and where no type says how
 * its text is to be kept, the nearest double would be stored in its place.
 */

import { asBuffer } from '#base/text/as-buffer.ts';
import { endOfString } from './nesting.ts';

/** No double loses digits of a shorter integer. */
export const longRun = /\d{16}/;
/** Go reads what is beyond as a double itself. */
const int64Max = 2n ** 63n;

/** The text of the first such integer. The JSON text must be valid; without a long run of digits it is not walked. */
export function lossyIntegerIn(json: Uint8Array): string | undefined {
  const text = asBuffer(json).toString('latin1');
  const number = /-?\d[\d.eE+-]*/y;
  if (!longRun.test(text)) return undefined;
  for (let at = 0; at < json.length; at++) {
    if (json[at] === 0x22) at = endOfString(json, at);
    else {
      number.lastIndex = at;
      const written = number.exec(text)?.[0];
      if (written === undefined) continue;
      if (isLossy(written)) return written;
      at += written.length - 1;
    }
  }
  return undefined;
}

/** Of the text of a number. */
export function isLossy(written: string): boolean {
  if (!/^-?\d{16,20}$/.test(written)) return false;
  const exact = BigInt(written);
  return exact < int64Max && exact >= -int64Max && BigInt(Number(written)) !== exact;
}

/** Of a value that was read from YAML: which text it had is not known, only that it may have lost digits. */
export function mayHaveLostDigits(value: unknown): boolean {
  if (typeof value === 'number') {
    return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < Number(int64Max);
  }
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(mayHaveLostDigits);
}
