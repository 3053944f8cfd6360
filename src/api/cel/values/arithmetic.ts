/** `+ - * / %` and negation of values of any type. */

import {
  addInts,
  addUints,
  divideInts,
  divideUints,
  moduloInts,
  moduloUints,
  multiplyInts,
  multiplyUints,
  negateInt,
  subtractInts,
  subtractUints,
} from './int.ts';
import { addLists } from './join-lists.ts';
import { ListValue } from './list.ts';
import { checkedDuration, checkedTimestamp, Duration, Timestamp } from './time.ts';
import { Double, ErrorValue, isBytes, isInt, noSuchOverload, Uint, type Value } from './value.ts';

/** The type of the left operand has no such operator. */
const noOperator = (name: string) => new ErrorValue(`no such overload: ${name}`);

export function add(left: Value, right: Value): Value {
  if (isInt(left)) return isInt(right) ? addInts(left, right) : noSuchOverload;
  if (typeof left === 'string') return typeof right === 'string' ? left + right : noSuchOverload;
  if (left instanceof ListValue) return right instanceof ListValue ? addLists(left, right) : noSuchOverload;
  if (left instanceof Double) {
    return right instanceof Double ? new Double(left.value + right.value) : noSuchOverload;
  }
  if (left instanceof Uint) return right instanceof Uint ? addUints(left, right) : noSuchOverload;
  if (isBytes(left)) return isBytes(right) ? Buffer.concat([left, right]) : noSuchOverload;
  return addTimes(left, right);
}

function addTimes(left: Value, right: Value): Value {
  if (left instanceof Duration && right instanceof Duration) {
    return checkedDuration(left.nanoseconds + right.nanoseconds);
  }
  if (left instanceof Timestamp && right instanceof Duration) {
    return checkedTimestamp(left.nanoseconds + right.nanoseconds, left.offsetSeconds);
  }
  if (left instanceof Duration && right instanceof Timestamp) return addTimes(right, left);
  return left instanceof Duration || left instanceof Timestamp ? noSuchOverload : noOperator('_+_');
}

export function subtract(left: Value, right: Value): Value {
  if (isInt(left)) return isInt(right) ? subtractInts(left, right) : noSuchOverload;
  if (left instanceof Double) {
    return right instanceof Double ? new Double(left.value - right.value) : noSuchOverload;
  }
  if (left instanceof Uint) return right instanceof Uint ? subtractUints(left, right) : noSuchOverload;
  if (left instanceof Duration) {
    return right instanceof Duration ? checkedDuration(left.nanoseconds - right.nanoseconds) : noSuchOverload;
  }
  if (!(left instanceof Timestamp)) return noOperator('_-_');
  if (right instanceof Timestamp) return checkedDuration(left.nanoseconds - right.nanoseconds);
  if (!(right instanceof Duration)) return noSuchOverload;
  return checkedTimestamp(left.nanoseconds - right.nanoseconds, left.offsetSeconds);
}

export function multiply(left: Value, right: Value): Value {
  if (isInt(left)) return isInt(right) ? multiplyInts(left, right) : noSuchOverload;
  if (left instanceof Double) {
    return right instanceof Double ? new Double(left.value * right.value) : noSuchOverload;
  }
  if (left instanceof Uint) return right instanceof Uint ? multiplyUints(left, right) : noSuchOverload;
  return noOperator('_*_');
}

export function divide(left: Value, right: Value): Value {
  if (isInt(left)) return isInt(right) ? divideInts(left, right) : noSuchOverload;
  if (left instanceof Double) {
    return right instanceof Double ? new Double(left.value / right.value) : noSuchOverload;
  }
  if (left instanceof Uint) return right instanceof Uint ? divideUints(left, right) : noSuchOverload;
  return noOperator('_/_');
}

export function modulo(left: Value, right: Value): Value {
  if (isInt(left)) return isInt(right) ? moduloInts(left, right) : noSuchOverload;
  if (left instanceof Uint) return right instanceof Uint ? moduloUints(left, right) : noSuchOverload;
  return noOperator('_%_');
}

export function negate(value: Value): Value {
  if (isInt(value)) return negateInt(value);
  if (value instanceof Double) return new Double(-value.value);
  if (value instanceof Duration) return checkedDuration(-value.nanoseconds);
  return typeof value === 'boolean' ? noSuchOverload : noOperator('-_');
}
