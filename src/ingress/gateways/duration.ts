/** Durations of the Gateway API: up to four numbers with the units h, m, s and ms. */

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

export function readDurationMs(text: string): number {
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/(\d{1,5})(h|ms|m|s)/g)) {
    sum += Number(number) * unitMs[unit!]!;
  }
  return sum;
}
