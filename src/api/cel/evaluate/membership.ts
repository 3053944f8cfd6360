/** `x in ['a', 'b']` with a constant list: a set lookup instead of a search. */

import { ListValue } from '../values/list.ts';
import { Double, isError, isInt, Uint, type Value } from '../values/value.ts';
import type { Run } from './frame.ts';
import type { Plan } from './planned.ts';

/** Undefined if an element cannot be in the set. */
export function inConstants(operand: Run, list: Value): Plan | undefined {
  if (!(list instanceof ListValue)) return undefined;
  if (list.size === 0) return { kind: 'constant', value: false };
  const elements = new Set<string>();
  for (const element of list.values()) {
    const text = textOf(element);
    if (text === undefined) return undefined;
    elements.add(text);
  }
  return {
    kind: 'run',
    run: (frame) => {
      const value = operand(frame);
      if (isError(value)) return value;
      const text = textOf(value);
      return text !== undefined && elements.has(text);
    },
  };
}

/** The key of a value in the set, equal for equal values; undefined for values that cannot be in it. */
function textOf(value: Value): string | undefined {
  if (typeof value === 'string') return `s${value}`;
  if (typeof value === 'boolean') return `b${value}`;
  if (isInt(value)) return `n${value}`;
  if (value instanceof Uint) return `n${value.value}`;
  if (!(value instanceof Double)) return undefined;
  return Number.isInteger(value.value) ? `n${BigInt(value.value)}` : `d${value.value}`;
}
