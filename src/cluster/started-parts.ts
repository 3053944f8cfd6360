/** Started parts, to be stopped in reverse order, each at most once. */

export class StartedParts {
  readonly #stops: { name: string; stop(): Promise<unknown> | unknown }[] = [];

  add(name: string, stop: () => Promise<unknown> | unknown): void {
    this.#stops.push({ name, stop });
  }

  /** Stops everything even when a part fails to stop; then throws the first error. */
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
