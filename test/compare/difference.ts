/** Where two answers differ: a line a field, long texts from just before the place where they part. */

import { isFields } from '../fuzz/bodies.ts';

export function differenceOf(own: unknown, other: unknown, path = ''): string[] {
  if (Array.isArray(own) && Array.isArray(other) && own.length === other.length) {
    return own.flatMap((item, i) => differenceOf(item, other[i], `${path}[${i}]`));
  }
  if (isFields(own) && isFields(other)) {
    const keys = new Set([...Object.keys(own), ...Object.keys(other)]);
    return [...keys].flatMap((key) => differenceOf(own[key], other[key], `${path}.${key}`));
  }
  const [a, b] = [textOf(own), textOf(other)];
  return a === b ? [] : [`${path}: ${from(a, partingOf(a, b))} → ${from(b, partingOf(a, b))}`];
}

const textOf = (value: unknown) => JSON.stringify(value) ?? 'absent';

function partingOf(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

const shownBefore = 60;
const shownAfter = 240;

function from(text: string, parting: number): string {
  const start = Math.max(0, parting - shownBefore);
  return `${start > 0 ? '…' : ''}${text.slice(start, parting + shownAfter)}`;
}
