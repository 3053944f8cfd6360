/**
 * Goes through very many parked pods a few at a time, to find those that what happened may help.
 *
 * What happens during one sweep is asked about in the next: pods that are parked meanwhile have been tried with it.
 */

const stepMax = 200;
/** More happenings than this may help anybody. */
const questionsMax = 100;

type Question<T> = (item: T) => boolean;

export interface SweepTarget<T> {
  /** What there is to go through. */
  items(): Iterable<T>;
  /** Still to be asked about when its turn comes. */
  isThere(item: T): boolean;
  /** The answer was yes. */
  take(item: T): void;
}

export class Sweeps<T> {
  readonly #target: SweepTarget<T>;
  #current:
    | { readonly questions: readonly Question<T>[]; readonly items: readonly T[]; at: number }
    | undefined;
  #next: Question<T>[] = [];

  constructor(target: SweepTarget<T>) {
    this.#target = target;
  }

  get isIdle(): boolean {
    return this.#current === undefined && this.#next.length === 0;
  }

  add(question: Question<T>): void {
    if (this.#next.length < questionsMax) this.#next.push(question);
    else this.#next = [() => true];
  }

  step(): void {
    this.#current ??= this.#begin();
    const sweep = this.#current;
    if (!sweep) return;
    const end = Math.min(sweep.at + stepMax, sweep.items.length);
    for (; sweep.at < end; sweep.at++) {
      const item = sweep.items[sweep.at]!;
      if (this.#target.isThere(item) && sweep.questions.some((question) => question(item))) {
        this.#target.take(item);
      }
    }
    if (sweep.at === sweep.items.length) this.#current = undefined;
  }

  #begin() {
    if (this.#next.length === 0) return undefined;
    const questions = this.#next;
    this.#next = [];
    return { questions, items: [...this.#target.items()], at: 0 };
  }
}
