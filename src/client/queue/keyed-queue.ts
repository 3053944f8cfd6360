/** Runs items side by side, at most so many at once; those of one key one after another, in order. Bounded. */

export interface KeyedQueueOptions<T> {
  readonly sideBySideMax: number;
  /** Waiting items; further ones are refused. */
  readonly depthMax: number;
  /** Never rejects. */
  readonly run: (item: T) => Promise<void>;
}

export class KeyedQueue<T> {
  readonly #options: KeyedQueueOptions<T>;
  /** What waits under each key; a key that is being worked on stays until nothing waits under it. */
  readonly #waiting = new Map<string, T[]>();
  /** Keys whose next item may run. */
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

  /** Everything pushed so far has run. */
  async idle(): Promise<void> {
    for (let worker = this.#busy(); worker; worker = this.#busy()) await worker;
  }

  #busy(): Promise<void> | undefined {
    return this.#workers.find((one) => one !== undefined);
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
