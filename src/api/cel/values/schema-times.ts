/** Times and durations in the formats of OpenAPI, as the strfmt package behind upstream's validation reads them. */

import { Duration, parseDuration, parseTimestamp, Timestamp } from './time.ts';
import { ErrorValue } from './value.ts';

export function parseDate(text: string): Timestamp | ErrorValue {
  const found = /^\d{4}-\d\d-\d\d$/.test(text) ? parseTimestamp(`${text}T00:00:00Z`) : undefined;
  return (
    found ?? new ErrorValue(`Invalid date formatted string ${text}: parsing time "${text}" as "2006-01-02"`)
  );
}

/** The zone may be without a colon, and may be missing, which is UTC. */
const zone = /(?:Z|[+-]\d\d:?\d\d)$/;

export function parseDateTime(text: string): Timestamp | ErrorValue {
  const [end = ''] = zone.exec(text) ?? [];
  const withColon = end.length === 5 ? `${end.slice(0, 3)}:${end.slice(3)}` : end || 'Z';
  const found = parseTimestamp(text.slice(0, text.length - end.length).replace(' ', 'T') + withColon);
  return (
    found ??
    new ErrorValue(
      `Invalid date-time formatted string ${text}: parsing time "${text}" as "2006-01-02T15:04:05Z": cannot parse "${text}" as "2006"`,
    )
  );
}

const unitNanoseconds: readonly (readonly [RegExp, bigint])[] = [
  [/^(?:ns|nanos?|nanoseconds?|nanosec)$/, 1n],
  [/^(?:us|µs|micros?|microseconds?)$/, 1_000n],
  [/^(?:ms|millis?|milliseconds?)$/, 1_000_000n],
  [/^(?:s|secs?|seconds?)$/, 1_000_000_000n],
  [/^(?:m|mins?|minutes?)$/, 60_000_000_000n],
  [/^(?:h|hrs?|hours?)$/, 3_600_000_000_000n],
  [/^(?:d|days?)$/, 86_400_000_000_000n],
  [/^(?:w|wks?|weeks?)$/, 604_800_000_000_000n],
];

/** Go's durations, and `3 days` with one number and one unit in words. */
export function parseJsonDuration(text: string): Duration | ErrorValue {
  const found = parseDuration(text) ?? parseInWords(text);
  return found ?? new ErrorValue(`Invalid duration ${text}: unable to parse ${text} as duration`);
}

function parseInWords(text: string): Duration | undefined {
  const [, number = '', unit = ''] = /^([+-]?\d{1,18})\s*(\w+)$/.exec(text) ?? [];
  const size = unitNanoseconds.find(([names]) => names.test(unit))?.[1];
  return size === undefined || number === '' ? undefined : new Duration(BigInt(number) * size);
}

export const isDate = (text: string): boolean => parseDate(text) instanceof Timestamp;

/** As upstream's strfmt: less strict about the character before the fraction than about anything else. */
export function isDateTime(text: string): boolean {
  const [date = '', time] = text.toLowerCase().split('t');
  if (text.length < 4 || time === undefined || !isDate(date)) return false;
  const found = /^(\d\d):(\d\d):(\d\d)(?:.\d+)?(?:z|[+-]\d\d:\d\d)$/.exec(time);
  return found !== null && found[1]! <= '23' && found[2]! <= '59' && found[3]! <= '59';
}
