/** A value in a message, as JSON in Go's order: map keys sorted, struct fields in their order. */

import { cutText, goQuoted, shownLengthMax } from '#wire/json/go-values.ts';
import { GoText } from './text.ts';

export function shownValue(value: unknown): string {
  if (value instanceof GoText) return cutText(value.text);
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return cutText(goQuoted(value.slice(0, shownLengthMax + 1)));
  if (typeof value !== 'object') return JSON.stringify(value);
  const pieces: string[] = [];
  print(value, pieces, shownLengthMax);
  return cutText(pieces.join(''));
}

/** Stops when no room is left; returns what was printed. */
function print(value: unknown, pieces: string[], room: number): number {
  if (typeof value !== 'object' || value === null) {
    const text = JSON.stringify(typeof value === 'string' ? value.slice(0, shownLengthMax) : value) ?? 'null';
    pieces.push(text);
    return room - text.length;
  }
  const isList = Array.isArray(value);
  const keys = isList ? value.keys() : keysOf(value as Record<string, unknown>);
  let left = room - 2;
  let separator = isList ? '[' : '{';
  const empty = isList ? '[]' : '{}';
  for (const key of keys) {
    if (left <= 0) return left;
    const item = (value as Record<string | number, unknown>)[key];
    if (item === undefined && !isList) continue;
    const label = isList ? '' : `${JSON.stringify(key)}:`;
    pieces.push(separator + label);
    left = print(item, pieces, left - label.length - 1);
    separator = ',';
  }
  pieces.push(separator === ',' ? empty.slice(1) : empty);
  return left;
}

function keysOf(value: Record<string, unknown>): string[] {
  const keys = Object.keys(value);
  return keys.every((key) => typeof value[key] === 'string') ? keys.sort() : keys;
}
