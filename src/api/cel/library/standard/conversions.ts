/** The conversions between types: `int(x)`, `string(x)`, `timestamp(x)` and so on. */

import {
  a,
  declare,
  declareGeneric,
  type FunctionDeclaration,
  isTypeValue,
  overload,
} from '../../declarations/function.ts';
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  stringType,
  timestampType,
  typeType,
  uintType,
} from '../../types/type.ts';
import {
  checkedUint,
  int64Max,
  int64Min,
  intOf,
  intOfDouble,
  uint64Max,
  uintOfDouble,
} from '../../values/int.ts';
import { goDouble } from '../../values/shown.ts';
import { Duration, parseDuration, parseTimestamp, Timestamp, timestampOfSeconds } from '../../values/time.ts';
import { Double, ErrorValue, isInt, typeOfValue, Uint, type Value } from '../../values/value.ts';

const conversionError = (from: CelType, to: CelType) =>
  new ErrorValue(`type conversion error from '${from.name}' to '${to.name}'`);

const identity = (value: Value) => value;

const trueTexts = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const falseTexts = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

const toBool = (text: string): Value =>
  trueTexts.has(text) || (falseTexts.has(text) ? false : conversionError(stringType, boolType));

function toInt(value: Value): Value {
  if (isInt(value)) return value;
  if (value instanceof Double) return intOfDouble(value.value);
  if (value instanceof Uint) {
    return value.value > int64Max ? new ErrorValue('integer overflow') : intOf(value.value);
  }
  if (value instanceof Duration) return intOf(value.nanoseconds);
  if (value instanceof Timestamp) return intOf(value.seconds);
  const number = /^[+-]?\d{1,40}$/.test(String(value)) ? BigInt(String(value).replace(/^\+/, '')) : undefined;
  if (number === undefined || number < int64Min || number > int64Max) {
    return conversionError(stringType, intType);
  }
  return intOf(number);
}

function toUint(value: Value): Value {
  if (isInt(value)) return checkedUint(BigInt(value));
  if (value instanceof Double) return uintOfDouble(value.value);
  if (value instanceof Uint) return value;
  const number = /^\d{1,40}$/.test(String(value)) ? BigInt(String(value)) : undefined;
  return number === undefined || number > uint64Max
    ? conversionError(stringType, uintType)
    : new Uint(number);
}

/** Underscores may stand between digits, as in Go. */
const floats = /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+)?$/;
const infinities = /^([+-]?)inf(?:inity)?$/i;

function toDouble(value: Value): Value {
  if (isInt(value)) return new Double(Number(value));
  if (value instanceof Uint) return new Double(Number(value.value));
  if (value instanceof Double) return value;
  const text = String(value);
  if (/^nan$/i.test(text)) return new Double(Number.NaN);
  const infinite = infinities.exec(text);
  if (infinite !== null) return new Double(infinite[1] === '-' ? -Infinity : Infinity);
  const number = floats.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN;
  return Number.isFinite(number) ? new Double(number) : conversionError(stringType, doubleType);
}

function toText(value: Value): Value {
  if (value instanceof Double) return goDouble(value.value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return textOfBytes(value);
  return String(value);
}

function textOfBytes(bytes: Uint8Array): Value {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new ErrorValue('invalid UTF-8 in bytes, cannot convert to string');
  }
}

function toDuration(value: Value): Value {
  if (value instanceof Duration) return value;
  if (isInt(value)) return conversionError(intType, durationType);
  return parseDuration(String(value)) ?? conversionError(stringType, durationType);
}

function toTimestamp(value: Value): Value {
  if (value instanceof Timestamp) return value;
  if (isInt(value)) return timestampOfSeconds(BigInt(value));
  return parseTimestamp(String(value)) ?? conversionError(stringType, timestampType);
}

/** The overloads of a conversion: each with the type that it converts from. */
function conversion(
  name: string,
  result: CelType,
  call: (value: never) => Value,
  from: Readonly<Record<string, CelType>>,
): FunctionDeclaration {
  return declare(name, ...Object.entries(from).map(([id, type]) => overload(id, [type], result, call)));
}

export const standardConversions: readonly FunctionDeclaration[] = [
  declareGeneric(
    'type',
    (value: Value) => (isTypeValue(value) ? typeType() : typeOfValue(value)),
    overload('type', [a], typeType(a)),
  ),
  declareGeneric('dyn', identity, overload('to_dyn', [a], dynType)),
  declare(
    'bool',
    overload('bool_to_bool', [boolType], boolType, identity),
    overload('string_to_bool', [stringType], boolType, toBool),
  ),
  declare(
    'bytes',
    overload('bytes_to_bytes', [bytesType], bytesType, identity),
    overload('string_to_bytes', [stringType], bytesType, (text: string) => Buffer.from(text)),
  ),
  conversion('double', doubleType, toDouble, {
    double_to_double: doubleType,
    int64_to_double: intType,
    string_to_double: stringType,
    uint64_to_double: uintType,
  }),
  conversion('duration', durationType, toDuration, {
    duration_to_duration: durationType,
    int64_to_duration: intType,
    string_to_duration: stringType,
  }),
  conversion('int', intType, toInt, {
    int64_to_int64: intType,
    double_to_int64: doubleType,
    duration_to_int64: durationType,
    string_to_int64: stringType,
    timestamp_to_int64: timestampType,
    uint64_to_int64: uintType,
  }),
  conversion('string', stringType, toText, {
    string_to_string: stringType,
    bool_to_string: boolType,
    bytes_to_string: bytesType,
    double_to_string: doubleType,
    duration_to_string: durationType,
    int64_to_string: intType,
    timestamp_to_string: timestampType,
    uint64_to_string: uintType,
  }),
  conversion('timestamp', timestampType, toTimestamp, {
    timestamp_to_timestamp: timestampType,
    int64_to_timestamp: intType,
    string_to_timestamp: stringType,
  }),
  conversion('uint', uintType, toUint, {
    uint64_to_uint64: uintType,
    double_to_uint64: doubleType,
    int64_to_uint64: intType,
    string_to_uint64: stringType,
  }),
];

/** Calls of these with constants are evaluated when the expression is compiled. */
export const conversionNames: ReadonlySet<string> = new Set(standardConversions.map(({ name }) => name));
