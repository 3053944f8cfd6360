/** What the supervisor (`bin/supervise`) noted when a cluster's process died. */

import { readFileSync } from 'node:fs';

export interface Restarts {
  readonly count: number;
  /** RFC 3339. */
  readonly lastDeath: string;
  /** As a shell gives it: 128 and the number of the signal, when it was one. */
  readonly lastExitCode: number;
  /** From its death to the next start. */
  readonly delaySeconds: number;
}

/** Undefined when it never died since `kybern up`. */
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
