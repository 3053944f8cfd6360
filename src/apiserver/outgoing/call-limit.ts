/** The deadline of an outgoing call, and its cancelation by the caller. */

import type { Clock } from '#base/clock.ts';

export interface CallBounds {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export class CallLimit {
  readonly #controller = new AbortController();
  readonly #timer;
  readonly #caller: AbortSignal | undefined;
  isCanceled = false;
  isLate = false;

  constructor(clock: Clock, { timeoutMs, signal }: CallBounds) {
    this.#timer = clock.after(timeoutMs, () => {
      this.isLate = true;
      this.#controller.abort();
    });
    this.#caller = signal;
    if (signal?.aborted) this.#cancel();
    signal?.addEventListener('abort', this.#cancel, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    this.#timer.cancel();
    this.#caller?.removeEventListener('abort', this.#cancel);
  }

  readonly #cancel = () => {
    this.isCanceled = true;
    this.#controller.abort();
  };
}

/** Go's message for a call that its limit has ended; undefined for any other. */
export function limitWords({ isCanceled, isLate }: CallLimit): string | undefined {
  if (isLate) return 'context deadline exceeded';
  return isCanceled ? 'context canceled' : undefined;
}
