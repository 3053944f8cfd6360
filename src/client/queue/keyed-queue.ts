/**
 * Runs items concurrently up to a limit; items with the same key run one after another, in order. Bounded.
 */

export interface KeyedQueueOptions<T> {
  readonly sideBySideMax: number;
  /** Limit of waiting items; further ones are rejected. */
  readonly depthMax: number;
  /** Never rejects. */
  readonly run: (item: T) => Promise<void>;
}

export class KeyedQueue<T> {
  readonly #options: KeyedQueueOptions<T>;
  /** Waiting items by key; a key in progress stays until no item of it waits. */
  readonly #waiting = new Map<string, T[]>();
  /** Keys whose next item can run. */
  readonly #ready: string[] = [];
  readonly #workers: (Promise<void> | undefined)[];
  #depth = 0;

  constructor(options: KeyedQueueOptions<T>) {
    this.#options = options;
    this.#workers = new Array(options.sideBySideMax).fill(undefined);
  }

  /** False when the queue is full. */
  push(key: string, item: T): boolean {
    if (this.#depth >= this.#options.depthMax) return false;
    this.#depth += 1;
    const waiting = this.#waiting.get(key);
    if (waiting) {
      waiting.push(item);
    } else {
      this.#waiting.set(key, [item]);
      this.#ready.push(key);
    }
    const free = this.#workers.indexOf(undefined);
    if (free >= 0) this.#workers[free] = Promise.resolve().then(() => this.#work(free));
    return true;
  }

  /** Resolves when everything pushed so far has run. */
  async idle(): Promise<void> {
    for (let worker = this.#busy(); worker; worker = this.#busy()) await worker;
  }

  #busy(): Promise<void> | undefined {
    return this.#workers.find((worker) => worker !== undefined);
  }

  async #work(place: number): Promise<void> {
    for (let key = this.#ready.shift(); key !== undefined; key = this.#ready.shift()) {
      const waiting = this.#waiting.get(key)!;
      this.#depth -= 1;
      await this.#options.run(waiting.shift()!);
      if (waiting.length > 0) this.#ready.push(key);
      else this.#waiting.delete(key);
    }
    this.#workers[place] = undefined;
  }
}
