/** Work that must not overlap with other work of the same key runs after it; different keys do not wait. */

export class TurnByKey {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Resolves and rejects as `work` does; a failure does not keep the next work of the key from its turn. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const own = (before ?? Promise.resolve()).then(work, work);
    this.#last.set(key, own);
    try {
      return await own;
    } finally {
      if (this.#last.get(key) === own) this.#last.delete(key);
    }
  }
}
