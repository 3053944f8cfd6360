/**
 * Handling of work whose result is no longer needed: it continues in the background, or gets some time before
 * it is cancelled.
 */

import type { Clock, Timer } from '#base/clock.ts';

/** Waits for `work` no longer than until `signal` is aborted: then it rejects with the signal's reason. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Aborted so long after `signal` is, unless it is ended before. */
export function abortedLater(
  clock: Clock,
  signal: AbortSignal,
  delayMs: number,
): { readonly signal: AbortSignal; end(): void } {
  const later = new AbortController();
  let timer: Timer | undefined;
  const begin = () => {
    timer = clock.after(delayMs, () => later.abort(signal.reason));
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return {
    signal: later.signal,
    end() {
      signal.removeEventListener('abort', begin);
      timer?.cancel();
    },
  };
}
