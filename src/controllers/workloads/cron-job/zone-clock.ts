/**
 * The clocks of a time zone: local time of an instant, and the instant of a local time, including daylight
 * saving changes.
 */

import { knownTimeZone } from '#api/values/time-zone.ts';
import { RecentMap } from '#base/collections/recent-map.ts';

/** Local time; months count from 1, weekdays from 0. */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

export interface ZoneClock {
  /** Offset of the zone from UTC. */
  offsetMs(ms: number): number;
  at(ms: number): LocalTime;
  /**
   * The instant of a local time; as Go's `time.Date` when it occurs twice or never. Months may exceed 12.
   */
  msOf(year: number, month: number, day: number, hour: number): number;
}

/** Offsets change at multiples of a quarter of an hour. */
const stepMs = 900_000;
const knownMax = 2_000;

export function zoneClock(timeZone: string): ZoneClock {
  const name = knownTimeZone(timeZone);
  const offsetMs = name === 'UTC' ? () => 0 : offsetsOf(name);
  return {
    offsetMs,
    at(ms) {
      const shown = new Date(ms + offsetMs(ms));
      return {
        year: shown.getUTCFullYear(),
        month: shown.getUTCMonth() + 1,
        day: shown.getUTCDate(),
        weekday: shown.getUTCDay(),
        hour: shown.getUTCHours(),
        minute: shown.getUTCMinutes(),
      };
    },
    msOf(year, month, day, hour) {
      const shown = Date.UTC(year, month - 1, day, hour);
      const guess = offsetMs(shown);
      return guess === 0 ? shown : shown - offsetMs(shown - guess);
    },
  };
}

function offsetsOf(timeZone: string): (ms: number) => number {
  const known = new RecentMap<number, number>(knownMax);
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const read = (ms: number) => {
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(ms)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - ms;
  };
  return (ms) => {
    const step = Math.floor(ms / stepMs);
    return known.getOr(step, () => read(step * stepMs));
  };
}

/** RFC 3339 as the clocks of the zone show it: `2026-07-01T08:30:00+02:00`. */
export function rfc3339In(ms: number, timeZone: string): string {
  const offsetMs = zoneClock(timeZone).offsetMs(ms);
  const local = new Date(ms + offsetMs).toISOString().slice(0, 19);
  const minutes = Math.abs(Math.trunc(offsetMs / 60_000));
  const two = (count: number) => String(count).padStart(2, '0');
  const sign = offsetMs < 0 ? '-' : '+';
  return minutes === 0 ? `${local}Z` : `${local}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
