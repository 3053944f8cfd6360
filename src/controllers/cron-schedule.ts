/**
 * When a cron expression falls due: five fields, or `@hourly` and its kind, or `@every 90m`, in a time zone. As upstream's
 * parser, a day must match day-of-month or day-of-week when both are limited, and both when one of them is `*`.
 */

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const macros: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const minuteMs = 60_000;
const searchYearsMax = 5;

export interface CronSchedule {
  /** The first time after `afterMs`; undefined when there is none within five years. */
  next(afterMs: number): number | undefined;
}

interface Field {
  readonly values: ReadonlySet<number>;
  readonly isAny: boolean;
}

/** Throws when the expression or the time zone makes no sense. */
export function parseCron(text: string, timeZone = 'UTC'): CronSchedule {
  const source = text.trim();
  if (source.startsWith('@every ')) return everyPeriod(source.slice('@every '.length));
  const fields = (macros[source] ?? source).split(/\s+/);
  if (fields.length !== 5) throw new Error(`expected exactly 5 fields, found ${fields.length}: [${source}]`);
  const [minutes, hours, days, months, weekdays] = [
    parseField(fields[0]!, 0, 59),
    parseField(fields[1]!, 0, 23),
    parseField(fields[2]!, 1, 31),
    parseField(fields[3]!, 1, 12, monthNames),
    parseField(fields[4]!, 0, 6, dayNames),
  ];
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

function parseField(text: string, min: number, max: number, names: readonly string[] = []): Field {
  const values = new Set<number>();
  const numberOf = (word: string): number => {
    const named = names.indexOf(word.toLowerCase());
    if (named !== -1) return named + min;
    if (!/^[0-9]+$/.test(word)) throw new Error(`failed to parse int from ${word}`);
    return Number(word);
  };
  for (const part of text.split(',')) {
    const [range = '', stepText] = part.split('/');
    const step = stepText === undefined ? 1 : Number(stepText);
    if (!Number.isInteger(step) || step < 1)
      throw new Error(`step of range should be a positive number: ${part}`);
    const isAll = range === '*' || range === '?';
    const [first, last] = isAll ? [] : range.split('-');
    const from = isAll ? min : numberOf(first ?? '');
    const to = isAll || (last === undefined && stepText !== undefined) ? max : numberOf(last ?? first ?? '');
    if (from < min || to > max || from > to) throw new Error(`value out of range (${min} - ${max}): ${part}`);
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return { values, isAny: text === '*' || text === '?' };
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
      weekday: dayNames.indexOf((parts['weekday'] ?? '').toLowerCase()),
      hour: Number(parts['hour']),
      minute: Number(parts['minute']),
    };
  };
}

const unitMs: Record<string, number> = { s: 1000, m: minuteMs, h: 60 * minuteMs };

function everyPeriod(text: string): CronSchedule {
  if (!/^([0-9]+[smh])+$/.test(text)) throw new Error(`failed to parse duration @every ${text}`);
  let periodMs = 0;
  for (const [, count, unit] of text.matchAll(/([0-9]+)([smh])/g)) periodMs += Number(count) * unitMs[unit!]!;
  if (periodMs === 0) throw new Error(`failed to parse duration @every ${text}`);
  return { next: (afterMs) => Math.floor(afterMs / 1000) * 1000 + periodMs };
}
