/** What the supervisor (`bin/supervise`) recorded about deaths of a cluster's process. */

import { readFileSync } from 'node:fs';

export interface Restarts {
  readonly count: number;
  /** RFC 3339. */
  readonly lastDeath: string;
  /** As in a shell: 128 plus the number of the signal, if it was killed by one. */
  readonly lastExitCode: number;
  /** Seconds between its death and the next start. */
  readonly delaySeconds: number;
}

/** Undefined if it has not died since `kybern up`. */
export function readRestarts(path: string): Restarts | undefined {
  const numbers = lineOf(path).split(' ').map(Number);
  const [count, diedSeconds, lastExitCode, delaySeconds] = numbers;
  if (numbers.length !== 4 || !numbers.every(Number.isSafeInteger)) return undefined;
  const lastDeath = new Date(diedSeconds! * 1000).toISOString();
  return { count: count!, lastDeath, lastExitCode: lastExitCode!, delaySeconds: delaySeconds! };
}

function lineOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** `2, last after exit code 137 at 2026-01-01T00:00:00Z, started again 2 s later`. */
export function restartsText({ count, lastDeath, lastExitCode, delaySeconds }: Restarts): string {
  const at = `${lastDeath.slice(0, 19)}Z`;
  return `${count}, last after exit code ${lastExitCode} at ${at}, started again ${delaySeconds} s later`;
}
