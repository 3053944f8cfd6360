/** Says which fields of an object differ, one removed and one added line each. */

import { deepEqual } from '../deep-equal.ts';

export function describeChanges(before: unknown, after: unknown): string {
  return collect(before, after, '')
    .map(({ path, old, now }) => `- \t${path}: ${text(old)},\n+ \t${path}: ${text(now)},\n`)
    .join('');
}

interface Change {
  path: string;
  old: unknown;
  now: unknown;
}

function collect(old: unknown, now: unknown, path: string): Change[] {
  if (deepEqual(old, now)) return [];
  if (!isObject(old) || !isObject(now)) return [{ path, old, now }];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const list = Array.isArray(old) || Array.isArray(now);
  return keys.flatMap((key) => {
    const at = list ? `${path}[${key}]` : path ? `${path}.${key}` : key;
    return collect(old[key], now[key], at);
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

const text = (value: unknown) => (value === undefined ? 'nil' : JSON.stringify(value));
