/** Decimal 64-bit integers in texts, as Go's strconv.ParseInt reads them. */

const digitsMax = 19;

/** The integer, or strconv's reason. */
export function parseInt64(text: string): bigint | 'invalid syntax' | 'value out of range' {
  const [, sign, written] = /^([+-]?)(\d+)$/.exec(text) ?? [];
  if (written === undefined) return 'invalid syntax';
  const digits = written.replace(/^0+(?=\d)/, '');
  if (digits.length > digitsMax) return 'value out of range';
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  return BigInt.asIntN(64, value) === value ? value : 'value out of range';
}
