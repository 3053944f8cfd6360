/**
 * Runs one piece of work in each turn of the event loop, in order of arrival: for work of a millisecond or more
 * that many callers ask for at the same moment.
 */

export class OneATurn {
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  /** Runs the work at once if this turn has had none, else in one of the next. */
  run(work: () => void): void {
    if (this.#isTaken) {
      this.#waiting.push(work);
      return;
    }
    this.#isTaken = true;
    setImmediate(() => this.#next());
    work();
  }

  #next(): void {
    this.#isTaken = false;
    const work = this.#waiting.shift();
    if (work) this.run(work);
  }
}
