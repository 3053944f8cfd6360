/**
 * Goes through very many parked pods in steps, to find those that an event may help.
 *
 * Events during a sweep are handled by the next one: pods parked meanwhile have already seen them.
 */

const stepMax = 200;
/** With more pending events than this, every pod counts as helped. */
const questionsMax = 100;

type Question<T> = (item: T) => boolean;

export interface SweepTarget<T> {
  /** All items to sweep. */
  items(): Iterable<T>;
  /** Whether the item is still parked when its turn comes. */
  isThere(item: T): boolean;
  /** An event may help the item: move it. */
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
