/** Parts that were started, to be stopped in the opposite order, each at most once. */

export class Parts {
  readonly #stops: { name: string; stop(): Promise<unknown> | unknown }[] = [];

  add(name: string, stop: () => Promise<unknown> | unknown): void {
    this.#stops.push({ name, stop });
  }

  /** Stops everything even when one part fails to; then throws what failed first. */
  async stop(): Promise<void> {
    let first: unknown;
    for (let part = this.#stops.pop(); part; part = this.#stops.pop()) {
      try {
        await part.stop();
      } catch (error) {
        first ??= new Error(`${part.name} did not stop cleanly`, { cause: error });
      }
    }
    if (first) throw first;
  }
}
