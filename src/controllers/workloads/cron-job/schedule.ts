/**
 * When a cron expression falls due, in a time zone. A day must match day-of-month or day-of-week when both
 * are limited, and both when one of them is `*`.
 *
 * From the next minute on: to the first month that matches, the first day, the first hour, the first minute,
 * back to the months whenever one of them begins again. On days on which the clocks are moved this gives the
 * times that upstream's library finds: what falls into an hour that is left out comes on the next day, what
 * falls into one that comes twice comes twice.
 */

import { type CronFields, parseCronExpression } from '#api/values/cron-expression.ts';
import { type LocalTime, type ZoneClock, zoneClock } from './zone-clock.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const searchYearsMax = 5;

export interface CronSchedule {
  /** The first time after `afterMs`; undefined when there is none within five years. */
  next(afterMs: number): number | undefined;
}

/** In `timeZone`, unless the expression names one. Throws when the expression makes no sense. */
export function parseCron(text: string, timeZone = 'UTC'): CronSchedule {
  const expression = parseCronExpression(text);
  if ('everyMs' in expression) {
    return { next: (afterMs) => Math.floor(afterMs / 1000) * 1000 + expression.everyMs };
  }
  const clock = zoneClock(expression.timeZone ?? timeZone);
  const { minutes, hours, days, months, weekdays } = expression;
  const isNever = [minutes, hours, months].some(({ values }) => values.size === 0);
  const hasNoDay = days.values.size + weekdays.values.size === 0;
  return { next: (afterMs) => (isNever || hasNoDay ? undefined : nextTime(expression, clock, afterMs)) };
}

function nextTime(fields: CronFields, clock: ZoneClock, afterMs: number): number | undefined {
  const search = new Search(fields, clock, (Math.floor(afterMs / minuteMs) + 1) * minuteMs);
  const lastYear = clock.at(search.atMs).year + searchYearsMax;
  while (clock.at(search.atMs).year <= lastYear) {
    if (search.findMonth() && search.findDay() && search.findHour() && search.findMinute()) {
      return search.atMs;
    }
  }
  return undefined;
}

/**
 * Each `find` answers false when its field began again before it matched: the larger ones must be looked at
 * once more.
 */
class Search {
  atMs: number;
  readonly #fields: CronFields;
  readonly #clock: ZoneClock;
  /** What is smaller than the field that moved first stands at its beginning. */
  #isAligned = false;

  constructor(fields: CronFields, clock: ZoneClock, atMs: number) {
    this.atMs = atMs;
    this.#fields = fields;
    this.#clock = clock;
  }

  findMonth(): boolean {
    while (!this.#fields.months.values.has(this.#shown().month)) {
      const { year, month } = this.#shown();
      this.#align(year, month, 1, 0);
      const { day, hour, ...first } = this.#shown();
      this.#set(first.year, first.month + 1, day, hour);
      if (this.#shown().month === 1) return false;
    }
    return true;
  }

  findDay(): boolean {
    while (!isDay(this.#fields, this.#shown())) {
      const { year, month, day } = this.#shown();
      this.#align(year, month, day, 0);
      const today = this.#shown();
      this.#set(today.year, today.month, today.day + 1, today.hour);
      // Where midnight is left out the day begins at one, or the clock still shows eleven.
      const { hour } = this.#shown();
      if (hour !== 0) this.atMs += hour > 12 ? (24 - hour) * hourMs : -hour * hourMs;
      if (this.#shown().day === 1) return false;
    }
    return true;
  }

  findHour(): boolean {
    while (!this.#fields.hours.values.has(this.#shown().hour)) {
      const { year, month, day, hour } = this.#shown();
      this.#align(year, month, day, hour);
      this.atMs += hourMs;
      if (this.#shown().hour === 0) return false;
    }
    return true;
  }

  findMinute(): boolean {
    while (!this.#fields.minutes.values.has(this.#shown().minute)) {
      this.#isAligned = true;
      this.atMs += minuteMs;
      if (this.#shown().minute === 0) return false;
    }
    return true;
  }

  #shown(): LocalTime {
    return this.#clock.at(this.atMs);
  }

  #set(year: number, month: number, day: number, hour: number): void {
    this.atMs = this.#clock.msOf(year, month, day, hour);
  }

  /** Only the first time: afterwards it is. */
  #align(year: number, month: number, day: number, hour: number): void {
    if (!this.#isAligned) this.#set(year, month, day, hour);
    this.#isAligned = true;
  }
}

function isDay({ days, weekdays }: CronFields, { day, weekday }: LocalTime): boolean {
  const [byDate, byWeekday] = [days.values.has(day), weekdays.values.has(weekday)];
  return days.isAny || weekdays.isAny ? byDate && byWeekday : byDate || byWeekday;
}
