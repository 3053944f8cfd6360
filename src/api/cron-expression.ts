/**
 * Reads cron expressions as the parser upstream uses reads them, and complains in its words: five fields, `@hourly` and
 * its kind, or `@every 90m`.
 */

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
  readonly values: ReadonlySet<number>;
  /** It says `*`: of two fields that name days, this one does not count. */
  readonly isAny: boolean;
}

export type CronExpression =
  | { readonly everyMs: number }
  | {
      readonly minutes: CronField;
      readonly hours: CronField;
      readonly days: CronField;
      readonly months: CronField;
      readonly weekdays: CronField;
    };

/** What is wrong with a schedule; undefined when nothing is. */
export function cronScheduleProblem(schedule: string): string | undefined {
  try {
    parseCronExpression(schedule);
    return undefined;
  } catch (error) {
    if (error instanceof CronError) return error.message;
    throw error;
  }
}

/** Throws a `CronError` when the expression makes no sense. */
export function parseCronExpression(schedule: string): CronExpression {
  if (schedule.startsWith(everyPrefix)) return { everyMs: everyMs(schedule) };
  if (schedule.startsWith('@') && !macros[schedule])
    throw new CronError(`unrecognized descriptor: ${schedule}`);
  const fields = (macros[schedule] ?? schedule).split(/\s+/).filter(Boolean);
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

/** The expression makes no sense. */
export class CronError extends Error {}

interface Bounds {
  readonly low: number;
  readonly high: number;
  /** The names of the numbers from `low` on. */
  readonly names?: readonly string[];
}

function parseField(field: string, bounds: Bounds): CronField {
  const values = new Set<number>();
  let isAny = false;
  for (const part of field.split(',')) {
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
  let [from, to] = [low, high];
  if (!isAll) {
    from = numberOf(limits[0]!, bounds);
    if (limits.length > 2) throw new CronError(`too many hyphens: ${expression}`);
    // `5/10` is every tenth from 5 on.
    const open = stepText === undefined ? from : high;
    to = limits[1] === undefined ? open : numberOf(limits[1], bounds);
  }
  if (more.length > 0) throw new CronError(`too many slashes: ${expression}`);
  const step = stepText === undefined ? 1 : integer(stepText);
  if (from < low) throw new CronError(`beginning of range (${from}) below minimum (${low}): ${expression}`);
  if (to > high) throw new CronError(`end of range (${to}) above maximum (${high}): ${expression}`);
  if (from > to)
    throw new CronError(`beginning of range (${from}) beyond end of range (${to}): ${expression}`);
  if (step === 0) throw new CronError(`step of range should be a positive number: ${expression}`);
  return { from, to, step, isAll };
}

function numberOf(text: string, { low, names = [] }: Bounds): number {
  const named = names.indexOf(text.toLowerCase());
  return named === -1 ? integer(text) : named + low;
}

function integer(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const why = `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw new CronError(`failed to parse int from ${text}: ${why}`);
}

const unitMs: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

/** In whole seconds, one at least. */
function everyMs(schedule: string): number {
  const text = schedule.slice(everyPrefix.length);
  if (!/^([0-9]+(\.[0-9]*)?(h|m|s|ms|us|µs|ns))+$/.test(text)) {
    const why = `time: invalid duration ${JSON.stringify(text)}`;
    throw new CronError(`failed to parse duration ${schedule}: ${why}`);
  }
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/([0-9.]+)(ms|us|µs|ns|h|m|s)/g))
    ms += Number(count) * unitMs[unit!]!;
  return Math.max(1, Math.floor(ms / 1000)) * 1000;
}
