/** What one map or list of the kernel shall hold, and how that differs from what it holds. */

export class Wanted<V> {
  readonly #now = new Map<string, V>();
  /** Value in the kernel of every key that was changed since `settle`; undefined if the kernel has none. */
  readonly #kept = new Map<string, V | undefined>();

  get(key: string): V | undefined {
    return this.#now.get(key);
  }

  set(key: string, value: V | undefined): void {
    const before = this.#now.get(key);
    if (before === value) return;
    if (!this.#kept.has(key)) this.#kept.set(key, before);
    if (value === undefined) this.#now.delete(key);
    else this.#now.set(key, value);
  }

  all(): Iterable<[string, V]> {
    return this.#now;
  }

  /** Keys with another value than the kernel has, or that it does not have. */
  *added(): Iterable<[string, V]> {
    for (const [key, before] of this.#kept) {
      const value = this.#now.get(key);
      if (value !== undefined && value !== before) yield [key, value];
    }
  }

  /** Keys of which the kernel has another value, or that shall not be there. */
  *removed(): Iterable<string> {
    for (const [key, before] of this.#kept) {
      if (before !== undefined && this.#now.get(key) !== before) yield key;
    }
  }

  /** The kernel has what is wanted. */
  settle(): void {
    this.#kept.clear();
  }
}
