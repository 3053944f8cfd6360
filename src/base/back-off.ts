/**
 * Waiting times that double with every failure and shrink back after a quiet while: of one thing, or of many
 * by key.
 */

import type { Env } from './env.ts';

export interface BackOffLimits {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** The wait after so many failures in a row, one or more. */
export function backOffMs({ initialMs, maxMs }: BackOffLimits, failures: number): number {
  return Math.min(initialMs * 2 ** (failures - 1), maxMs);
}

export interface BackOffOptions extends BackOffLimits {
  /** Up to so much of the delay is added by chance: 1 doubles it at most. */
  readonly jitter: number;
  /** A pause this long since the last failure starts again from the beginning. */
  readonly resetAfterMs: number;
}

/** Of one thing that is tried until it works. */
export class BackOff {
  readonly #env: Pick<Env, 'clock' | 'random'>;
  readonly #options: BackOffOptions;
  #failures = 0;
  #lastAtMs = Number.NEGATIVE_INFINITY;

  constructor(env: Pick<Env, 'clock' | 'random'>, options: BackOffOptions) {
    this.#env = env;
    this.#options = options;
  }

  /** How long to wait now. */
  nextMs(): number {
    const nowMs = this.#env.clock.monotonicMs();
    const { jitter, resetAfterMs } = this.#options;
    if (nowMs - this.#lastAtMs > resetAfterMs) this.#failures = 0;
    this.#lastAtMs = nowMs;
    return backOffMs(this.#options, ++this.#failures) * (1 + jitter * this.#env.random.float());
  }
}

interface Entry {
  readonly delayMs: number;
  readonly lastAtMs: number;
}

/**
 * Of many things, by key; one that has not failed for twice the longest delay is forgotten. Upstream:
 * flowcontrol.Backoff.
 */
export class BackOffs {
  readonly #nowMs: () => number;
  readonly #limits: BackOffLimits;
  readonly #entries = new Map<string, Entry>();

  constructor(nowMs: () => number, limits: BackOffLimits) {
    this.#nowMs = nowMs;
    this.#limits = limits;
  }

  /**
   * How long to wait still before `key` may be tried again; 0 when now. It failed at `failedAtMs`, else when
   * `next` was called.
   */
  remainingMs(key: string, failedAtMs?: number): number {
    const nowMs = this.#nowMs();
    const entry = this.#recent(key, failedAtMs ?? nowMs);
    if (!entry) return 0;
    const leftMs = (failedAtMs ?? entry.lastAtMs) + entry.delayMs - nowMs;
    // Never longer than the delay itself, though a wall clock was set back since.
    return Math.min(Math.max(0, leftMs), entry.delayMs);
  }

  /** Notes a new try of what failed at `failedAtMs`, else now. */
  next(key: string, failedAtMs?: number): void {
    const nowMs = this.#nowMs();
    const entry = this.#recent(key, failedAtMs ?? nowMs);
    const { initialMs, maxMs } = this.#limits;
    const delayMs = entry ? Math.min(entry.delayMs * 2, maxMs) : initialMs;
    this.#entries.set(key, { delayMs, lastAtMs: nowMs });
  }

  delayMs(key: string): number {
    return this.#entries.get(key)?.delayMs ?? 0;
  }

  /** Everything whose key begins so. */
  forget(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#entries.delete(key);
  }

  #recent(key: string, atMs: number): Entry | undefined {
    const entry = this.#entries.get(key);
    return entry && atMs - entry.lastAtMs <= 2 * this.#limits.maxMs ? entry : undefined;
  }
}
