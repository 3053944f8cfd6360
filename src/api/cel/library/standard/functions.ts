/** The functions of strings, containers and times that belong to the language. */

import {
  a,
  b,
  declare,
  declareGeneric,
  type FunctionDeclaration,
  method,
  overload,
} from '../../declarations/function.ts';
import {
  boolType,
  bytesType,
  durationType,
  intType,
  listType,
  mapType,
  stringType,
  timestampType,
} from '../../types/type.ts';
import { ListValue } from '../../values/list.ts';
import { MapValue } from '../../values/map.ts';
import { Regex } from '../../values/regex.ts';
import { textSize } from '../../values/text.ts';
import type { Duration, Timestamp } from '../../values/time.ts';
import { ErrorValue, isBytes, type Value } from '../../values/value.ts';
import { type Calendar, calendarOf } from '../calendar.ts';

function sizeOf(value: Value): Value {
  if (typeof value === 'string') return textSize(value);
  if (isBytes(value)) return value.length;
  if (value instanceof ListValue || value instanceof MapValue) return value.size;
  return new ErrorValue('no such overload: size');
}

const size = declareGeneric(
  'size',
  sizeOf,
  overload('size_bytes', [bytesType], intType),
  method('bytes_size', [bytesType], intType),
  overload('size_list', [listType(a)], intType),
  method('list_size', [listType(a)], intType),
  overload('size_map', [mapType(a, b)], intType),
  method('map_size', [mapType(a, b)], intType),
  overload('size_string', [stringType], intType),
  method('string_size', [stringType], intType),
);

function matches(text: string, pattern: string): Value {
  const regex = Regex.of(pattern);
  return regex instanceof Regex ? regex.matches(text) : regex;
}

const strings: readonly FunctionDeclaration[] = [
  declare(
    'contains',
    method('contains_string', [stringType, stringType], boolType, (text: string, part: string) =>
      text.includes(part),
    ),
  ),
  declare(
    'endsWith',
    method('ends_with_string', [stringType, stringType], boolType, (text: string, end: string) =>
      text.endsWith(end),
    ),
  ),
  declare(
    'startsWith',
    method('starts_with_string', [stringType, stringType], boolType, (text: string, start: string) =>
      text.startsWith(start),
    ),
  ),
  declare(
    'matches',
    overload('matches', [stringType, stringType], boolType, matches),
    method('matches_string', [stringType, stringType], boolType, matches),
  ),
];

type Part = (calendar: Calendar, timestamp: Timestamp) => number;

/** A method of timestamps, in UTC or in the zone of its argument. */
function partOfTime(name: string, id: string, part: Part, ofDuration?: (duration: Duration) => Value) {
  const call = (timestamp: Timestamp, zone = 'UTC'): Value => {
    const calendar = calendarOf(timestamp, zone);
    return calendar instanceof ErrorValue ? calendar : part(calendar, timestamp);
  };
  const overloads = [
    method(`timestamp_to_${id}`, [timestampType], intType, call),
    method(`timestamp_to_${id}_with_tz`, [timestampType, stringType], intType, call),
  ];
  if (ofDuration) overloads.push(method(`duration_to_${id}`, [durationType], intType, ofDuration));
  return declare(name, ...overloads);
}

/** Whole units in a duration, cut towards zero. */
const whole = (nanoseconds: bigint) => (duration: Duration) => Number(duration.nanoseconds / nanoseconds);

const times: readonly FunctionDeclaration[] = [
  partOfTime('getFullYear', 'year', ({ year }) => year),
  partOfTime('getMonth', 'month', ({ month }) => month - 1),
  partOfTime('getDayOfYear', 'day_of_year', ({ dayOfYear }) => dayOfYear - 1),
  partOfTime('getDayOfMonth', 'day_of_month', ({ day }) => day - 1),
  partOfTime('getDate', 'day_of_month_1_based', ({ day }) => day),
  partOfTime('getDayOfWeek', 'day_of_week', ({ dayOfWeek }) => dayOfWeek),
  partOfTime('getHours', 'hours', ({ hour }) => hour, whole(3_600_000_000_000n)),
  partOfTime('getMinutes', 'minutes', ({ minute }) => minute, whole(60_000_000_000n)),
  partOfTime('getSeconds', 'seconds', ({ second }) => second, whole(1_000_000_000n)),
  partOfTime(
    'getMilliseconds',
    'milliseconds',
    (_, { fraction }) => Math.trunc(fraction / 1_000_000),
    whole(1_000_000n),
  ),
];

export const standardFunctions: readonly FunctionDeclaration[] = [size, ...strings, ...times];
