/**
 * Parses cron expressions as upstream's parser does, with its messages: five fields, `@hourly` and the like,
 * or `@every 90m`, each with an optional time zone in front (`TZ=Europe/Berlin 0 8 * * *`).
 */

import { goFields, trimGoSpace } from '#base/text/go-space.ts';
import { GoDurationError, parseGoDuration } from '../go/duration.ts';
import { parseInt64, strconvError } from '../go/integers.ts';
import { timeZoneProblem } from './time-zone.ts';

const macros: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const everyPrefix = '@every ';
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

export interface CronField {
  /** Empty for a field of commas only: such a schedule is never due. */
  readonly values: ReadonlySet<number>;
  /** Written as `*`: if only one of the two day fields is `*`, it is ignored. */
  readonly isAny: boolean;
}

export interface CronFields {
  readonly minutes: CronField;
  readonly hours: CronField;
  readonly days: CronField;
  readonly months: CronField;
  readonly weekdays: CronField;
}

/** With the optional time zone. */
export type CronExpression = { readonly timeZone?: string } & ({ readonly everyMs: number } | CronFields);

/** The problem with a schedule; undefined if it is valid. */
export function cronScheduleProblem(schedule: string): string | undefined {
  try {
    parseCronExpression(schedule);
    return undefined;
  } catch (error) {
    if (error instanceof CronError) return error.message;
    throw error;
  }
}

/** Throws a `CronError` for an invalid expression. */
export function parseCronExpression(schedule: string): CronExpression {
  if (schedule === '') throw new CronError('empty spec string');
  if (!/^(?:CRON_)?TZ=/.test(schedule)) return parseUnzoned(schedule);
  const end = schedule.indexOf(' ');
  // Upstream's parser panics here; this is its caller's message.
  if (end < 0) throw new CronError('invalid schedule format: runtime error: slice bounds out of range [:-1]');
  const timeZone = schedule.slice(schedule.indexOf('=') + 1, end);
  const problem = timeZoneProblem(timeZone);
  if (problem) throw new CronError(`provided bad location ${timeZone}: ${problem}`);
  return { ...parseUnzoned(trimGoSpace(schedule.slice(end))), timeZone };
}

/** The expression is invalid. */
export class CronError extends Error {}

function parseUnzoned(schedule: string): CronFields | { everyMs: number } {
  if (schedule.startsWith(everyPrefix)) return { everyMs: everyMs(schedule) };
  const macro = Object.hasOwn(macros, schedule) ? macros[schedule] : undefined;
  if (schedule.startsWith('@') && !macro) throw new CronError(`unrecognized descriptor: ${schedule}`);
  const fields = goFields(macro ?? schedule);
  if (fields.length !== 5) {
    throw new CronError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  }
  return {
    minutes: parseField(fields[0]!, { low: 0, high: 59 }),
    hours: parseField(fields[1]!, { low: 0, high: 23 }),
    days: parseField(fields[2]!, { low: 1, high: 31 }),
    months: parseField(fields[3]!, { low: 1, high: 12, names: months }),
    weekdays: parseField(fields[4]!, { low: 0, high: 6, names: days }),
  };
}

interface Bounds {
  readonly low: number;
  readonly high: number;
  /** The names of the numbers from `low` on. */
  readonly names?: readonly string[];
}

function parseField(field: string, bounds: Bounds): CronField {
  const values = new Set<number>();
  let isAny = false;
  for (const part of field.split(',').filter(Boolean)) {
    const { from, to, step, isAll } = parseRange(part, bounds);
    for (let value = from; value <= to; value += step) values.add(value);
    isAny ||= isAll && step === 1;
  }
  return { values, isAny };
}

/** `*`, `5`, `1-5`, each with an optional `/step`. */
function parseRange(expression: string, bounds: Bounds) {
  const { low, high } = bounds;
  const [range = '', stepText, ...more] = expression.split('/');
  const limits = range.split('-');
  const isAll = limits[0] === '*' || limits[0] === '?';
  let [from, to] = [BigInt(low), BigInt(high)];
  if (!isAll) {
    from = numberOf(limits[0]!, bounds);
    if (limits.length > 2) throw new CronError(`too many hyphens: ${expression}`);
    // `5/10` is every tenth from 5 on.
    const open = stepText === undefined ? from : to;
    to = limits[1] === undefined ? open : numberOf(limits[1], bounds);
  }
  if (more.length > 0) throw new CronError(`too many slashes: ${expression}`);
  const step = stepText === undefined ? 1n : integer(stepText);
  if (from < low) throw new CronError(`beginning of range (${from}) below minimum (${low}): ${expression}`);
  if (to > high) throw new CronError(`end of range (${to}) above maximum (${high}): ${expression}`);
  if (from > to) {
    throw new CronError(`beginning of range (${from}) beyond end of range (${to}): ${expression}`);
  }
  if (step === 0n) throw new CronError(`step of range should be a positive number: ${expression}`);
  return { from: Number(from), to: Number(to), step: Number(step), isAll };
}

function numberOf(text: string, { low, names = [] }: Bounds): bigint {
  const named = names.indexOf(text.toLowerCase());
  return named === -1 ? integer(text) : BigInt(named + low);
}

function integer(text: string): bigint {
  const number = parseInt64(text);
  if (typeof number === 'string') {
    throw new CronError(`failed to parse int from ${text}: ${strconvError('Atoi', text, number)}`);
  }
  if (number < 0n) throw new CronError(`negative number (${number}) not allowed: ${text}`);
  return number;
}

const nanosPerSecond = 1_000_000_000n;

/** In whole seconds, at least one. */
function everyMs(schedule: string): number {
  try {
    const seconds = parseGoDuration(schedule.slice(everyPrefix.length)) / nanosPerSecond;
    return Math.max(1, Number(seconds)) * 1000;
  } catch (error) {
    if (!(error instanceof GoDurationError)) throw error;
    throw new CronError(`failed to parse duration ${schedule}: ${error.message}`);
  }
}
