/**
 * When a cron expression falls due, in a time zone. A day must match day-of-month or day-of-week when both are limited,
 * and both when one of them is `*`.
 */

import { parseCronExpression } from '#api/cron-expression.ts';

const minuteMs = 60_000;
const searchYearsMax = 5;
const weekdayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

export interface CronSchedule {
  /** The first time after `afterMs`; undefined when there is none within five years. */
  next(afterMs: number): number | undefined;
}

/** Throws when the expression or the time zone makes no sense. */
export function parseCron(text: string, timeZone = 'UTC'): CronSchedule {
  const expression = parseCronExpression(text);
  if ('everyMs' in expression) {
    return { next: (afterMs) => Math.floor(afterMs / 1000) * 1000 + expression.everyMs };
  }
  const { minutes, hours, days, months, weekdays } = expression;
  const localTime = clockOf(timeZone);
  const isDay = (local: LocalTime) => {
    const [byDate, byWeekday] = [days.values.has(local.day), weekdays.values.has(local.weekday)];
    return days.isAny || weekdays.isAny ? byDate && byWeekday : byDate || byWeekday;
  };
  return {
    next(afterMs) {
      let atMs = (Math.floor(afterMs / minuteMs) + 1) * minuteMs;
      const endMs = atMs + searchYearsMax * 366 * 24 * 60 * minuteMs;
      while (atMs < endMs) {
        const local = localTime(atMs);
        if (!months.values.has(local.month) || !isDay(local)) {
          // To the next midnight, or to the hour before it on a day of 25 hours.
          atMs += ((23 - local.hour) * 60 + (60 - local.minute)) * minuteMs;
        } else if (!hours.values.has(local.hour)) atMs += (60 - local.minute) * minuteMs;
        else if (!minutes.values.has(local.minute)) atMs += minuteMs;
        else return atMs;
      }
      return undefined;
    },
  };
}

interface LocalTime {
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

function clockOf(timeZone: string): (ms: number) => LocalTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    month: 'numeric',
    day: 'numeric',
    weekday: 'short',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (ms) => {
    const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    return {
      month: Number(parts['month']),
      day: Number(parts['day']),
      weekday: weekdayNames.indexOf(parts['weekday'] ?? ''),
      hour: Number(parts['hour']),
      minute: Number(parts['minute']),
    };
  };
}

export function isTimeZone(name: string): boolean {
  try {
    clockOf(name || 'UTC');
    return true;
  } catch {
    return false;
  }
}

/** RFC 3339 as the clocks of the zone show it: `2026-07-01T08:30:00+02:00`. */
export function rfc3339In(ms: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = '0', minutes = '0'] = /^GMT([+-])(\d\d):(\d\d)$/.exec(name) ?? [];
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * minuteMs * (sign === '-' ? -1 : 1);
  const local = new Date(ms + offsetMs).toISOString().slice(0, 19);
  return offsetMs === 0 ? `${local}Z` : `${local}${sign}${hours}:${minutes}`;
}
