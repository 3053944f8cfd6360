/**
 * One decoder for each scalar type: returns the canonical value, null for none, or undefined for a wrong JSON
 * type.
 */

import { trimGoSpace } from '#base/text/go-space.ts';
import { GoDurationError, parseGoDuration } from '../go/duration.ts';
import { canonicalMicroTime, canonicalTime, GoTimeError } from '../go/time.ts';
import { base64ErrorAt, canonicalBase64 } from '../values/base64.ts';
import { canonicalQuantity, parseQuantity } from '../values/quantity.ts';
import { notAQuantity, QuantityError } from '../values/quantity-notation.ts';
import { DecodeError } from './decode-error.ts';
import type { ScalarKind, TypeDef } from './schema.ts';

type Decode = (value: unknown) => unknown;

export const scalarDecoders: Readonly<Record<ScalarKind, Decode>> = {
  string: (value) => (typeof value === 'string' ? value : undefined),
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  int32: (value) => (isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31 ? value : undefined),
  int64: (value) => (isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63 ? value : undefined),
  double: (value) => (Number.isFinite(value) ? value : undefined),
  bytes: decodeBytes,
  time: (value) => decodeTime(value, canonicalTime),
  microTime: (value) => decodeTime(value, canonicalMicroTime),
  duration: decodeDuration,
  quantity: decodeQuantity,
  intOrString: decodeIntOrString,
  any: (value) => value,
};

function isInteger(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value);
}

function decodeBytes(value: unknown): unknown {
  if (typeof value !== 'string') return undefined;
  const text = canonicalBase64(value);
  if (text === undefined) throw new DecodeError(`illegal base64 data at input byte ${base64ErrorAt(value)}`);
  return text;
}

function decodeTime(value: unknown, canonical: (text: string) => string | null): unknown {
  // The zero time, as a value of a list or map.
  if (value === null) return null;
  if (typeof value !== 'string') return undefined;
  try {
    return canonical(value);
  } catch (error) {
    if (error instanceof GoTimeError) throw new DecodeError(error.message);
    throw error;
  }
}

function decodeDuration(value: unknown): unknown {
  if (typeof value !== 'string') return undefined;
  try {
    parseGoDuration(value);
    return value;
  } catch (error) {
    if (error instanceof GoDurationError) throw new DecodeError(error.message);
    throw error;
  }
}

/** Upstream trims the JSON text: control characters, which JSON writes as escapes, stay. */
const lowestTrimmedCode = 0x20;

function decodeQuantity(value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') throw new DecodeError(notAQuantity);
  try {
    return canonicalQuantity(typeof value === 'string' ? trimGoSpace(value, lowestTrimmedCode) : value);
  } catch (error) {
    if (error instanceof QuantityError) throw new DecodeError(error.message);
    throw error;
  }
}

function decodeIntOrString(value: unknown): unknown {
  return typeof value === 'string' ? value : scalarDecoders.int32(value);
}

/** Upstream defaults every ResourceList of the core group in the same way. */
export function hasRoundedAmounts(owner: TypeDef): boolean {
  return owner.name.startsWith('io.k8s.api.core.v1.');
}

/** A fraction, or a suffix or exponent that may denote less than a thousandth. */
const mayBeFine = /[.nueE]/;

/** Less than a thousandth is rounded up: `100u` becomes `1m`. */
export function roundedUp(amount: string): string {
  return mayBeFine.test(amount) ? parseQuantity(amount).roundedToThousandths().toString() : amount;
}
