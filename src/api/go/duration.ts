/** Durations (`1h30m`, `-1.5s`) as Go's `time.ParseDuration` reads and rejects them. */

import { goQuoted } from '#wire/json/go-values.ts';

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const most = 2n ** 63n;
const digitsMax = 19;

export class GoDurationError extends Error {
  override name = 'GoDurationError';
}

/** In nanoseconds. Throws `GoDurationError`. */
export function parseGoDuration(text: string): bigint {
  const quoted = goQuoted(text);
  const invalid = () => new GoDurationError(`time: invalid duration ${quoted}`);
  const isNegative = text.startsWith('-');
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return 0n;
  if (rest === '') throw invalid();
  let sum = 0n;
  while (rest !== '') {
    const [number = '', whole = '', fraction = ''] = /^(\d*)(?:\.(\d*))?/.exec(rest) ?? [];
    if (whole === '' && fraction === '') throw invalid();
    // The digits are counted first: converting a million of them takes long.
    if (whole.replace(/^0+/, '').length > digitsMax || BigInt(whole || 0) > most) throw invalid();
    rest = rest.slice(number.length);
    const unit = /^[^.\d]*/.exec(rest)![0];
    if (unit === '') throw new GoDurationError(`time: missing unit in duration ${quoted}`);
    const size = Object.hasOwn(units, unit) ? units[unit]! : undefined;
    if (size === undefined) {
      throw new GoDurationError(`time: unknown unit ${goQuoted(unit)} in duration ${quoted}`);
    }
    rest = rest.slice(unit.length);
    sum += BigInt(whole || 0) * size + partOf(fraction, size);
    if (sum > most) throw invalid();
  }
  if (!isNegative && sum === most) throw invalid();
  return isNegative ? -sum : sum;
}

/** Fraction digits beyond 63 bits are ignored. */
function partOf(fraction: string, size: bigint): bigint {
  const digits = fraction.slice(0, 18);
  return (BigInt(digits || 0) * size) / 10n ** BigInt(digits.length);
}

/** A duration as Go prints it: `0s`, `250ms`, `1.5s`, `2m40s`, `5m0s`. */
export function goDurationText(ms: number): string {
  const whole = Math.round(ms);
  if (whole > 0 && whole < 1000) return `${whole}ms`;
  const hours = Math.floor(whole / 3_600_000);
  const minutes = Math.floor((whole % 3_600_000) / 60_000);
  const seconds = `${(whole % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
