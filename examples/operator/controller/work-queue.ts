/**
 * Keys of objects to look at. A key that is added again before it is taken is taken once; one that failed comes back
 * after a delay that doubles with each failure.
 */

import type { Clock } from '../clock.ts';

const firstDelayMs = 100;
const delayMaxMs = 30_000;

export class WorkQueue {
  readonly #clock: Clock;
  readonly #keys = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #stopped: AbortSignal;
  #wake = Promise.withResolvers<void>();

  constructor(clock: Clock, stopped: AbortSignal) {
    this.#clock = clock;
    this.#stopped = stopped;
    stopped.addEventListener('abort', () => this.#wake.resolve(), { once: true });
  }

  add(key: string): void {
    this.#keys.add(key);
    this.#wake.resolve();
  }

  /** Undefined when the queue is stopped. */
  async next(): Promise<string | undefined> {
    while (!this.#stopped.aborted) {
      const [key] = this.#keys;
      if (key !== undefined) {
        this.#keys.delete(key);
        return key;
      }
      this.#wake = Promise.withResolvers();
      await this.#wake.promise;
    }
    return undefined;
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }

  failed(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const delayMs = Math.min(firstDelayMs * 2 ** failures, delayMaxMs);
    void this.#clock.sleep(delayMs, this.#stopped).then(
      () => this.add(key),
      () => {},
    );
  }
}
