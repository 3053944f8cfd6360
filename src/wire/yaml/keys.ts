/** The keys of YAML mappings as JSON has them: all are strings. */

import { goQuoted } from '../json/go-values.ts';
import { YamlError } from './error.ts';

export function keyText(key: unknown, value: unknown): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'boolean' || typeof key === 'bigint') return String(key);
  if (typeof key === 'number') return Number.isInteger(key) ? String(key) : floatText(key);
  if (key === null) {
    throw new YamlError(`unsupported map key of type: %!s(<nil>), key: <nil>, value: ${goSyntax(value)}`);
  }
  throw new YamlError(`yaml: invalid map key: ${goSyntax(key)}`);
}

/** As Go writes a 32-bit number with the fewest digits. */
function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf';
  const rounded = Math.fround(value);
  let text = '';
  for (let digits = 1; digits <= 9; digits++) {
    text = rounded.toExponential(digits - 1);
    if (Math.fround(Number(text)) === rounded) break;
  }
  const [mantissa = '', exponent = '0'] = text.split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(Number(text));
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** As Go's `%#v` prints a value that YAML made. */
export function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return goQuoted(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  const fields = value as Record<string, unknown>;
  const pairs = Object.keys(fields)
    .sort()
    .map((key) => `${goQuoted(key)}:${goSyntax(fields[key])}`);
  return `map[interface {}]interface {}{${pairs.join(', ')}}`;
}
