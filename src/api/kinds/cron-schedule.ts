/** Says what is wrong with a cron schedule, in the words of the parser upstream uses; undefined when nothing is. */

const descriptors = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface Bounds {
  readonly low: number;
  readonly high: number;
  readonly names?: ReadonlyMap<string, number>;
}

const bounds: readonly Bounds[] = [
  { low: 0, high: 59 },
  { low: 0, high: 23 },
  { low: 1, high: 31 },
  { low: 1, high: 12, names: new Map(months.map((name, i) => [name, i + 1])) },
  { low: 0, high: 6, names: new Map(days.map((name, i) => [name, i])) },
];

export function cronScheduleProblem(schedule: string): string | undefined {
  if (schedule.startsWith('@')) {
    if (descriptors.includes(schedule) || /^@every [0-9.hmsuµn]+$/.test(schedule)) return undefined;
    return `unrecognized descriptor: ${schedule}`;
  }
  const fields = schedule.split(/\s+/).filter(Boolean);
  if (fields.length !== 5) {
    return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`;
  }
  for (const [i, field] of fields.entries()) {
    for (const part of field.split(',')) {
      const problem = rangeProblem(part, bounds[i]!);
      if (problem) return problem;
    }
  }
  return undefined;
}

/** `*`, `5`, `1-5`, each with an optional `/step`. */
function rangeProblem(expression: string, { low, high, names }: Bounds): string | undefined {
  const [range = '', step, ...more] = expression.split('/');
  if (more.length > 0) return `too many slashes: ${expression}`;
  const limits = range.split('-');
  if (limits.length > 2) return `too many hyphens: ${expression}`;
  if (range !== '*' && range !== '?') {
    for (const limit of limits) {
      if (numberOf(limit, names) === undefined) return notANumber(limit);
    }
    const first = numberOf(limits[0]!, names)!;
    const last = limits[1] === undefined ? (step === undefined ? first : high) : numberOf(limits[1], names)!;
    if (first < low) return `beginning of range (${first}) below minimum (${low}): ${expression}`;
    if (last > high) return `end of range (${last}) above maximum (${high}): ${expression}`;
    if (first > last) return `beginning of range (${first}) beyond end of range (${last}): ${expression}`;
  }
  if (step === undefined) return undefined;
  if (!/^\d+$/.test(step)) return notANumber(step);
  return Number(step) === 0 ? `step of range should be a positive number: ${expression}` : undefined;
}

function numberOf(text: string, names: Bounds['names']): number | undefined {
  return names?.get(text.toLowerCase()) ?? (/^\d+$/.test(text) ? Number(text) : undefined);
}

function notANumber(text: string): string {
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}
