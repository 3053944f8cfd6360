/** How upstream's messages show a value that has the wrong type: as Go prints the struct that holds it. */

import { goQuoted, goValueText } from '#wire/json/go-values.ts';

/** `%T` */
export function goTypeName(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return value === null ? '<nil>' : 'map[string]interface {}';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'number' ? 'float64' : 'string';
}

/** `%v` */
export function goText(value: unknown): string {
  return `&{${goValueText(value)}}`;
}

/** `%#v` */
export function goShape(value: unknown): string {
  return `&value.valueUnstructured{Value:${syntax(value)}}`;
}

function syntax(value: unknown): string {
  if (typeof value === 'string') return goQuoted(value);
  if (value === null) return 'interface {}(nil)';
  if (Array.isArray(value)) return `[]interface {}{${value.map(syntax).join(', ')}}`;
  if (typeof value !== 'object') return String(value);
  const fields = sorted(value).map(([key, inner]) => `${goQuoted(key)}:${syntax(inner)}`);
  return `map[string]interface {}{${fields.join(', ')}}`;
}

function sorted(value: object): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}
