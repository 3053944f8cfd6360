/** Answers of the metrics APIs, read as strictly as Go reads them: a value that is no quantity fails the whole answer. */

import { canonicalTime, secondsOf } from '#api/go/time.ts';
import { parseQuantity } from '#api/values/quantity.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Of a list of this kind; `what`: who answered, for errors. */
export function itemsOf(answer: unknown, what: string): readonly Fields[] {
  const { items } = fieldsOf(answer, what);
  if (items === undefined || items === null) return [];
  if (!Array.isArray(items)) throw new Error(`the items of the ${what} are not a list`);
  return items.map((item) => fieldsOf(item, what));
}

export function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Error(`the answer of the ${what} is not an object`);
}

/** Empty when absent. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw new Error(`cannot unmarshal ${JSON.stringify(value)} into a string`);
}

/** In thousandths; absent counts as zero. Throws upstream's error for what is no quantity. */
export function thousandthsOf(value: unknown): bigint {
  if (value === undefined || value === null) return 0n;
  if (typeof value === 'string' || typeof value === 'number') return parseQuantity(value).thousandths();
  return parseQuantity(JSON.stringify(value)).thousandths();
}

/** Go's zero time when absent. Throws `GoTimeError`. */
export function timeMsOf(value: unknown): number {
  const text = textOf(value);
  const canonical = text === '' ? null : canonicalTime(text);
  return canonical === null ? Date.parse('0001-01-01T00:00:00Z') : 1000 * secondsOf(canonical);
}
