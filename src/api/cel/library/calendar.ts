/** The year, day and time of day of a timestamp in a time zone. */

import { strconvError } from '../../go/integers.ts';
import { knownTimeZone, timeZoneProblem } from '../../values/time-zone.ts';
import type { Timestamp } from '../values/time.ts';
import { ErrorValue } from '../values/value.ts';

export interface Calendar {
  readonly year: number;
  /** From 1, as the day and the day of the year. */
  readonly month: number;
  readonly day: number;
  readonly dayOfYear: number;
  /** Sunday is 0. */
  readonly dayOfWeek: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** `zone`: a name of the IANA database, or an offset such as `-07:00`. */
export function calendarOf(timestamp: Timestamp, zone: string): Calendar | ErrorValue {
  const offsetSeconds = zone.includes(':') ? fixedOffset(zone) : namedOffset(timestamp, zone);
  if (offsetSeconds instanceof ErrorValue) return offsetSeconds;
  const local = new Date((Number(timestamp.seconds) + offsetSeconds) * 1000);
  const year = local.getUTCFullYear();
  // `Date.UTC` takes years below 100 for those of the last century.
  const newYear = new Date(0).setUTCFullYear(year, 0, 1);
  return {
    year,
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    dayOfYear: Math.floor((local.getTime() - newYear) / 86_400_000) + 1,
    dayOfWeek: local.getUTCDay(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
  };
}

function fixedOffset(zone: string): number | ErrorValue {
  const colon = zone.indexOf(':');
  const [hours, minutes] = [zone.slice(0, colon), zone.slice(colon + 1)];
  for (const text of [hours, minutes]) {
    if (!/^[+-]?\d{1,9}$/.test(text)) return new ErrorValue(strconvError('Atoi', text, 'invalid syntax'));
  }
  const sign = zone.startsWith('-') ? -1 : 1;
  return (Number(hours) * 60 + sign * Number(minutes)) * 60;
}

function namedOffset(timestamp: Timestamp, zone: string): number | ErrorValue {
  if (zone === 'UTC' || zone === '') return 0;
  const problem = timeZoneProblem(zone);
  if (problem !== undefined) return new ErrorValue(problem);
  const seconds = Number(timestamp.seconds);
  const parts = new Map(
    formatOf(knownTimeZone(zone))
      .formatToParts(seconds * 1000)
      .map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
  const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year');
  const local = new Date(0);
  local.setUTCFullYear(year, part('month') - 1, part('day'));
  local.setUTCHours(part('hour'), part('minute'), part('second'));
  return local.getTime() / 1000 - seconds;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}
