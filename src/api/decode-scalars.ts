/** One decoder per scalar kind: the canonical value, or undefined when the JSON type is wrong. */

import { DecodeError } from './decode-error.ts';
import { canonicalQuantity, notAQuantity, QuantityError } from './quantity.ts';
import type { ScalarKind } from './schema.ts';
import { timeErrorText } from './time-error.ts';

type Decode = (value: unknown) => unknown;

export const scalarDecoders: Readonly<Record<ScalarKind, Decode>> = {
  string: (value) => (typeof value === 'string' ? value : undefined),
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  int32: (value) => (isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31 ? value : undefined),
  int64: (value) => (isInteger(value) && Math.abs(value) < 2 ** 63 ? value : undefined),
  double: (value) => (typeof value === 'number' ? value : undefined),
  bytes: decodeBytes,
  time: (value) => decodeTime(value, canonicalTime, 0),
  microTime: (value) => decodeTime(value, canonicalMicroTime, 6),
  quantity: decodeQuantity,
  intOrString: decodeIntOrString,
  any: (value) => value,
};

function isInteger(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value);
}

function decodeBytes(value: unknown): unknown {
  if (typeof value !== 'string') return undefined;
  const text = /[\r\n]/.test(value) ? value.replace(/[\r\n]/g, '') : value;
  if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return text;
  const good = /^[A-Za-z0-9+/]*/.exec(text)?.[0].length ?? 0;
  const at = good < text.length ? good : good - (good % 4);
  throw new DecodeError(`illegal base64 data at input byte ${at}`);
}

const canonicalTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const canonicalMicroTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const anyTime = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** UTC with exactly `digits` digits of a second's fraction. */
function decodeTime(value: unknown, canonical: RegExp, digits: number): unknown {
  if (typeof value !== 'string') return undefined;
  const match = anyTime.exec(value);
  const ms = match ? Date.parse(`${match[1]}${match[3]}`) : Number.NaN;
  if (Number.isNaN(ms)) throw new DecodeError(timeErrorText(value));
  if (canonical.test(value)) return value;
  const fraction = digits === 0 ? '' : (match?.[2] ?? '.').padEnd(digits + 1, '0').slice(0, digits + 1);
  return `${new Date(ms).toISOString().slice(0, 19)}${fraction}Z`;
}

/** Upstream trims the JSON text: space that JSON writes as an escape stays. */
const spaceAround =
  /^[ \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[ \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;

function decodeQuantity(value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') throw new DecodeError(notAQuantity);
  try {
    return canonicalQuantity(typeof value === 'string' ? value.replace(spaceAround, '') : value);
  } catch (error) {
    if (error instanceof QuantityError) throw new DecodeError(error.message);
    throw error;
  }
}

function decodeIntOrString(value: unknown): unknown {
  return typeof value === 'string' ? value : scalarDecoders.int32(value);
}
