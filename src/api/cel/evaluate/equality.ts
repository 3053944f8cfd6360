/** `==` and `!=`, with their cost: a tenth of the smaller size, rounded up. */

import { actualSize } from '../cost/actual-size.ts';
import { equalValues, OpaqueValue } from '../values/equal.ts';
import { isError, type Value } from '../values/value.ts';
import type { Run } from './frame.ts';

export function planEqual(left: Run, right: Run, isEqual: boolean): Run {
  return (frame) => {
    const first = left(frame);
    const second = right(frame);
    frame.cost += costOf(first, second, isEqual);
    if (isError(first)) return first;
    if (isError(second)) return second;
    const result = equalValues(first, second);
    if (isEqual) return result;
    return result !== true;
  };
}

function costOf(first: Value, second: Value, isEqual: boolean): number {
  if (typeof first === 'number' || typeof first === 'boolean') return sizeCost(1, second);
  if (isEqual && first instanceof OpaqueValue) return 1;
  return sizeCost(actualSize(first), second);
}

function sizeCost(firstSize: number, second: Value): number {
  if (typeof second === 'number' || typeof second === 'boolean') return firstSize === 0 ? 0 : 1;
  return Math.ceil(Math.min(firstSize, actualSize(second)) * 0.1);
}
