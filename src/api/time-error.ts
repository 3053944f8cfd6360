/** Why a text is no RFC 3339 time, as Go's `time.Parse` says it: what it stopped at, and what it wanted there. */

const layout = '2006-01-02T15:04:05Z07:00';

/** Pieces of the layout, in order, with what each takes of the text. */
const pieces: readonly (readonly [string, RegExp, (digits: number) => string | undefined])[] = [
  ['2006', /^\d{4}/, fine],
  ['-', /^-/, fine],
  ['01', /^\d\d/, (month) => (month < 1 || month > 12 ? 'month' : undefined)],
  ['-', /^-/, fine],
  ['02', /^\d\d/, (day) => (day < 1 || day > 31 ? 'day' : undefined)],
  ['T', /^T/, fine],
  ['15', /^\d\d/, (hour) => (hour > 23 ? 'hour' : undefined)],
  [':', /^:/, fine],
  ['04', /^\d\d/, (minute) => (minute > 59 ? 'minute' : undefined)],
  [':', /^:/, fine],
  ['05', /^\d\d(?:[.,]\d+)?/, (second) => (second >= 60 ? 'second' : undefined)],
  ['Z07:00', /^(?:Z|[+-]\d\d:\d\d)/, fine],
];

function fine(): undefined {}

export function timeErrorText(text: string): string {
  const quoted = JSON.stringify(text);
  let rest = text;
  for (const [piece, pattern, outOfRange] of pieces) {
    const found = pattern.exec(rest)?.[0];
    if (found === undefined) {
      return `parsing time ${quoted} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${piece}"`;
    }
    const wrong = outOfRange(Number(found));
    if (wrong) return `parsing time ${quoted}: ${wrong} out of range`;
    rest = rest.slice(found.length);
  }
  if (rest !== '') return `parsing time ${quoted}: extra text: ${JSON.stringify(rest)}`;
  return `parsing time ${quoted}: day out of range`;
}
