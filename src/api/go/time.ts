/**
 * Times as Go's `time.Parse` reads and writes them: what upstream accepts as RFC 3339, and its messages for
 * the rest.
 */

import { cutText } from '#wire/json/go-values.ts';

interface Reader {
  rest: string;
  readonly found: Map<string, number>;
}

/**
 * Parses one element of the layout; undefined when the text does not begin with it, a text when it is out of
 * range.
 */
type Take = (reader: Reader) => string | undefined | true;

const layout = '2006-01-02T15:04:05Z07:00';
const microLayout = '2006-01-02T15:04:05.000000Z07:00';

const pieces: readonly (readonly [string, Take])[] = [
  ['2006', digits('year', /^\d{4}/, 0, 9999)],
  ['-', literal('-')],
  ['01', digits('month', /^\d\d/, 1, 12)],
  ['-', literal('-')],
  // The day is checked at the end, when month and year are known.
  ['02', digits('day', /^\d\d/, 0, 99)],
  ['T', literal('T')],
  ['15', digits('hour', /^\d\d?/, 0, 23)],
  [':', literal(':')],
  ['04', digits('minute', /^\d\d/, 0, 59)],
  [':', literal(':')],
  ['05', digits('second', /^\d\d/, 0, 59)],
];
/** Accepts a fraction even though the layout has none, as Go does. */
const piecesOfTime = [...pieces, ['', takeAnyFraction], ['Z07:00', takeZone]] as const;
const piecesOfMicroTime = [...pieces, ['.000000', takeMicros], ['Z07:00', takeZone]] as const;

export class GoTimeError extends Error {
  override name = 'GoTimeError';
}

/**
 * Nearly all times are in stored form already. The last days of a month are left to the calendar check, year
 * 1 to Go's zero time.
 */
const plain =
  /^(?!0001)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{6})?Z$/;

/** In UTC, without a fraction; null is Go's zero time. Throws `GoTimeError`. */
export function canonicalTime(text: string): string | null {
  const found = plain.exec(text);
  if (found && found[1] === undefined) return text;
  const { seconds } = read(text, layout, piecesOfTime);
  return seconds === zeroTime ? null : `${timeText(seconds)}Z`;
}

/** In UTC, with six digits of a fraction, which the text must have too. Throws `GoTimeError`. */
export function canonicalMicroTime(text: string): string | null {
  if (plain.exec(text)?.[1] !== undefined) return text;
  const { seconds, micros } = read(text, microLayout, piecesOfMicroTime);
  if (seconds === zeroTime && micros === 0) return null;
  return `${timeText(seconds)}.${String(micros).padStart(6, '0')}Z`;
}

/** 0001-01-01T00:00:00Z, in seconds. */
const zeroTime = -62135596800;

function read(
  text: string,
  wanted: string,
  parts: readonly (readonly [string, Take])[],
): { seconds: number; micros: number } {
  const reader: Reader = { rest: text, found: new Map() };
  const fail = (why: string) => new GoTimeError(`parsing time ${goQuote(text)}${why}`);
  for (const [piece, take] of parts) {
    const before = reader.rest;
    const taken = take(reader);
    if (taken === true) continue;
    if (taken !== undefined) throw fail(`: ${taken} out of range`);
    throw fail(` as "${wanted}": cannot parse ${goQuote(before)} as "${piece}"`);
  }
  if (reader.rest !== '') throw fail(`: extra text: ${goQuote(reader.rest)}`);
  const part = (name: string) => reader.found.get(name) ?? 0;
  const date = new Date(0);
  date.setUTCFullYear(part('year'), part('month') - 1, part('day'));
  if (date.getUTCDate() !== part('day')) throw fail(': day out of range');
  const ofDay = part('hour') * 3600 + part('minute') * 60 + part('second');
  return { seconds: date.getTime() / 1000 + ofDay - part('zone'), micros: part('micros') };
}

function digits(name: string, pattern: RegExp, min: number, max: number): Take {
  return (reader) => {
    const found = pattern.exec(reader.rest)?.[0];
    if (found === undefined) return undefined;
    const value = Number(found);
    if (value < min || value > max) return name;
    reader.found.set(name, value);
    reader.rest = reader.rest.slice(found.length);
    return true;
  };
}

function literal(character: string): Take {
  return (reader) => {
    if (!reader.rest.startsWith(character)) return undefined;
    reader.rest = reader.rest.slice(character.length);
    return true;
  };
}

function takeAnyFraction(reader: Reader): true {
  reader.rest = reader.rest.replace(/^[.,]\d+/, '');
  return true;
}

function takeMicros(reader: Reader): string | true | undefined {
  // Go accepts a sign here too.
  const found = /^[.,](\d{6}|[+-]\d{5})/.exec(reader.rest);
  if (!found) return undefined;
  if (Number(found[1]) < 0) return 'fractional second';
  reader.found.set('micros', Number(found[1]));
  reader.rest = reader.rest.slice(7);
  return true;
}

function takeZone(reader: Reader): string | true | undefined {
  if (reader.rest.startsWith('Z')) return literal('Z')(reader);
  const found = /^([+-])(\d\d):(\d\d)/.exec(reader.rest);
  if (!found) return undefined;
  const [hours, minutes] = [Number(found[2]), Number(found[3])];
  if (minutes > 60) return 'time zone offset minute';
  if (hours > 24) return 'time zone offset hour';
  reader.found.set('zone', (found[1] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60));
  reader.rest = reader.rest.slice(found[0].length);
  return true;
}

/** Seconds since 1970 of a canonical time. */
export function secondsOf(text: string): number {
  const [, sign, year = '', rest] = /^(-?)(\d+)(.*)$/s.exec(text) ?? [];
  const isPlain = year.length === 4 && sign === '';
  return Math.floor(Date.parse(isPlain ? text : `${sign || '+'}${year.padStart(6, '0')}${rest}`) / 1000);
}

/** Range of JavaScript's dates. */
export const secondsMax = 8_640_000_000_000;

/** `2006-01-02T15:04:05`, for any year: a zone offset can move a time beyond four digits. */
export function timeText(seconds: number): string {
  const date = new Date(seconds * 1000);
  const year = date.getUTCFullYear();
  const yearText = `${year < 0 ? '-' : ''}${String(Math.abs(year)).padStart(4, '0')}`;
  return (
    yearText +
    date
      .toISOString()
      .replace(/^[+-]?\d+/, '')
      .slice(0, '-01-02T15:04:05'.length)
  );
}

/** As Go's package time quotes: everything but printable ASCII is escaped byte by byte. */
function goQuote(text: string): string {
  const bytes = (character: string) =>
    [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  return `"${cutText(text)
    .replace(/["\\]/g, '\\$&')
    .replace(/[^\x20-\x7f]/gu, bytes)}"`;
}
