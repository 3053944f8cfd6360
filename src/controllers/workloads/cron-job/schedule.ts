/**
 * When a cron expression is due, in a time zone. A day must match day-of-month or day-of-week when both are
 * restricted, and both when either is `*`.
 *
 * From the next minute on: to the first matching month, day, hour and minute, starting over with the month
 * whenever a field wraps around. On days with a change of daylight saving time this gives the times of
 * upstream's library: times in a skipped hour are due on the next day, times in a repeated hour twice.
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

/** In `timeZone`, unless the expression names one. Throws for an invalid expression. */
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
 * Each `find` returns false when its field wrapped around before it matched: the larger fields must be
 * checked again.
 */
class Search {
  atMs: number;
  readonly #fields: CronFields;
  readonly #clock: ZoneClock;
  /** Fields smaller than the first one that was advanced start at their minimum. */
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
      // Where midnight is skipped the day begins at one, or the clock still shows eleven.
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

  /** Only the first time: afterwards it is aligned. */
  #align(year: number, month: number, day: number, hour: number): void {
    if (!this.#isAligned) this.#set(year, month, day, hour);
    this.#isAligned = true;
  }
}

function isDay({ days, weekdays }: CronFields, { day, weekday }: LocalTime): boolean {
  const [byDate, byWeekday] = [days.values.has(day), weekdays.values.has(weekday)];
  return days.isAny || weekdays.isAny ? byDate && byWeekday : byDate || byWeekday;
}
