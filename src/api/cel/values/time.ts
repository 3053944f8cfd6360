/** Timestamps and durations, exact to the nanosecond. */

import { GoDurationError, parseGoDuration } from '../../go/duration.ts';
import { durationType, timestampType } from '../types/type.ts';
import { int64Max, int64Min } from './int.ts';
import { ErrorValue, ObjectValue } from './value.ts';

const second = 1_000_000_000n;
/** The years 1 to 9999. */
const secondsMin = -62_135_596_800n;
const secondsMax = 253_402_300_799n;

const durationOverflow = new ErrorValue('duration overflow');
const timestampOverflow = new ErrorValue('timestamp overflow');

export class Duration extends ObjectValue {
  readonly type = durationType;
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    super();
    this.nanoseconds = nanoseconds;
  }

  /** In seconds, as `string(duration)` prints it: `5400s`, `0.25s`. */
  override toString(): string {
    return `${decimalText(Number(this.nanoseconds / second) + Number(this.nanoseconds % second) / 1e9)}s`;
  }
}

export class Timestamp extends ObjectValue {
  readonly type = timestampType;
  /** Since 1970. */
  readonly nanoseconds: bigint;
  /** Of the zone that the text named, east of UTC: `string(timestamp)` prints it again. */
  readonly offsetSeconds: number;

  constructor(nanoseconds: bigint, offsetSeconds = 0) {
    super();
    this.nanoseconds = nanoseconds;
    this.offsetSeconds = offsetSeconds;
  }

  /** Seconds since 1970, rounded down. */
  get seconds(): bigint {
    return floorDivide(this.nanoseconds, second);
  }

  /** Nanoseconds of the second. */
  get fraction(): number {
    return Number(this.nanoseconds - this.seconds * second);
  }

  /** RFC 3339, with as many digits of the fraction as it has. */
  override toString(): string {
    return this.#text(this.offsetSeconds);
  }

  utcText(): string {
    return this.#text(0);
  }

  #text(offsetSeconds: number): string {
    const local = new Date((Number(this.seconds) + offsetSeconds) * 1000).toISOString().slice(0, 19);
    const fraction = String(this.fraction).padStart(9, '0').replace(/0+$/, '');
    return `${local}${fraction === '' ? '' : `.${fraction}`}${zoneText(offsetSeconds)}`;
  }
}

function zoneText(offsetSeconds: number): string {
  if (offsetSeconds === 0) return 'Z';
  const minutes = Math.trunc(Math.abs(offsetSeconds) / 60);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${offsetSeconds < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`;
}

export const checkedDuration = (nanoseconds: bigint): Duration | ErrorValue =>
  nanoseconds < int64Min || nanoseconds > int64Max ? durationOverflow : new Duration(nanoseconds);

export function checkedTimestamp(nanoseconds: bigint, offsetSeconds = 0): Timestamp | ErrorValue {
  const seconds = floorDivide(nanoseconds, second);
  if (seconds < secondsMin || seconds > secondsMax) return timestampOverflow;
  return new Timestamp(nanoseconds, offsetSeconds);
}

export const timestampOfSeconds = (seconds: bigint): Timestamp | ErrorValue =>
  checkedTimestamp(seconds * second);

/** A duration as Go writes it (`1h30m`); undefined when the text is none. */
export function parseDuration(text: string): Duration | undefined {
  try {
    return new Duration(parseGoDuration(text));
  } catch (error) {
    if (error instanceof GoDurationError) return undefined;
    throw error;
  }
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** RFC 3339 as Go's `time.Parse` reads it; undefined when the text is none. */
export function parseTimestamp(text: string): Timestamp | ErrorValue | undefined {
  const found = rfc3339.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, seconds, fraction = '', sign, zoneHour = '0', zoneMinute = '0'] =
    found;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(seconds) > 59) return undefined;
  if (Number(zoneHour) > 24 || Number(zoneMinute) > 59) return undefined;
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  // A day that the month does not have becomes one of the next month.
  if (Number.isNaN(date.getTime()) || date.getUTCDate() !== Number(day)) return undefined;
  const offsetSeconds = (sign === '-' ? -1 : 1) * (Number(zoneHour) * 3600 + Number(zoneMinute) * 60);
  const ofDay = Number(hour) * 3600 + Number(minute) * 60 + Number(seconds) - offsetSeconds;
  const wholeSeconds = BigInt(date.getTime() / 1000 + ofDay);
  return checkedTimestamp(wholeSeconds * second + BigInt(fraction.padEnd(9, '0').slice(0, 9)), offsetSeconds);
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

/** A double without an exponent, with the fewest digits that read back as the same double: Go's `%f` with precision -1. */
export function decimalText(value: number): string {
  const text = String(value);
  const found = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (found === null) return text;
  const [, sign = '', first = '', rest = '', exponent = '0'] = found;
  const digits = first + rest;
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
