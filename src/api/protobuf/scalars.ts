/** Reads the values of single fields: numbers, texts, and the small messages that are one value in JSON. */

import { goDurationText } from '../go/duration.ts';
import { secondsMax, timeText } from '../go/time.ts';
import { DecodeError } from '../schema/decode-error.ts';
import type { PlanRef } from './unions.ts';
import { lengthDelimited, nestedEnd, type Reader, varint } from './wire.ts';

/** Undefined for a zero time. */
export function readScalar(reader: Reader, kind: PlanRef['kind']): unknown {
  switch (kind) {
    case 'boolean':
      return reader.bool();
    case 'int32':
      return reader.int32();
    case 'int64':
      return exactNumber(reader.int64());
    case 'double':
      return reader.double();
    case 'bytes':
      return Buffer.from(reader.bytes()).toString('base64');
    case 'quantity':
      return textOf(readFieldValues(reader).get(1)) || '0';
    case 'time':
      return timestampText(readFieldValues(reader), 0);
    case 'microTime':
      return timestampText(readFieldValues(reader), 6);
    case 'duration':
      return goDurationText(Number(readFieldValues(reader).get(1) ?? 0) / nanosPerMs);
    case 'intOrString': {
      const parts = readFieldValues(reader);
      return parts.get(1) === 1 ? textOf(parts.get(3)) : (parts.get(2) ?? 0);
    }
    default:
      return reader.string();
  }
}

type FieldValues = Map<number, number | Uint8Array>;

/** A small message of numbers and strings, by field number. */
export function readFieldValues(reader: Reader): FieldValues {
  const parts: FieldValues = new Map();
  const end = nestedEnd(reader);
  while (reader.pos < end) {
    const tag = reader.uint32();
    if ((tag & 7) === varint) parts.set(tag >>> 3, toNumber(reader.int64()));
    else if ((tag & 7) === lengthDelimited) parts.set(tag >>> 3, reader.bytes());
    else reader.skipType(tag & 7);
  }
  return parts;
}

export function textOf(bytes: number | Uint8Array | undefined): string {
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('utf8') : '';
}

const nanosPerMs = 1e6;
const nanosPerSecond = 1_000_000_000;

function timestampText(parts: FieldValues, digits: number): string | undefined {
  if (parts.size === 0) return undefined;
  const given = Number(parts.get(2) ?? 0) | 0;
  const carried = Math.floor(given / nanosPerSecond);
  const seconds = Number(parts.get(1) ?? 0) + carried;
  if (Math.abs(seconds) > secondsMax) throw new DecodeError(`time of ${seconds} seconds is out of range`);
  const nanos = String(given - carried * nanosPerSecond).padStart(9, '0');
  return digits === 0 ? `${timeText(seconds)}Z` : `${timeText(seconds)}.${nanos.slice(0, digits)}Z`;
}

/** Objects hold numbers as doubles: a number that would change is rejected. */
function exactNumber(value: unknown): number {
  const number = toNumber(value);
  if (Number.isSafeInteger(number) || String(number) === String(value)) return number;
  throw new DecodeError(`proto: ${value}: integers beyond ${Number.MAX_SAFE_INTEGER} are not kept exactly`);
}

/** The library returns 64-bit numbers as objects. */
function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  const { high, low } = value as { high: number; low: number };
  return high * 2 ** 32 + (low >>> 0);
}
