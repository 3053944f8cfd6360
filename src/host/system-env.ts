/** The machine's own clock and randomness as `Env`. */

import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { type Log, silentLog } from '#base/log.ts';
import type { Random } from '#base/random.ts';
import { flatText } from '#base/text/flat-text.ts';

const timeoutMaxMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, fn, options) {
    const timeout = setTimeout(fn, Math.min(Math.max(delayMs, 0), timeoutMaxMs));
    if (!options?.holdsProcess) timeout.unref();
    return { cancel: () => clearTimeout(timeout) };
  },
  nextTurn: (fn) => void setImmediate(fn),
};

export const systemRandom: Random = {
  bytes: (length) => randomBytes(length),
  uuid: () => flatText(randomUUID()),
  float: () => Math.random(),
};

export function systemEnv(log: Log = silentLog): Env {
  return { clock: systemClock, random: systemRandom, log };
}
