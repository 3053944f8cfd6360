/** How many pulls a node has at a time: the others wait in the order in which they came. */

export class PullSlots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves with what `pull` gives, when a slot was free for it; rejects at once when `signal` is aborted before. */
  async use<T>(pull: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#slot(signal);
    try {
      return await pull();
    } finally {
      this.#free++;
      this.#next();
    }
  }

  #slot(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        const at = this.#waiting.indexOf(start);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(new Error('context canceled'));
      };
      if (signal?.aborted) return leave();
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(start);
      this.#next();
    });
  }

  #next(): void {
    if (this.#free === 0) return;
    const start = this.#waiting.shift();
    if (!start) return;
    this.#free--;
    start();
  }
}
