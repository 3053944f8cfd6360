/**
 * Goes through very many parked pods in steps, to find those that an event may help.
 *
 * Events during a sweep are handled by the next one: pods parked meanwhile have already seen them.
 */

/** Questions asked in one step: each may take as long as a look at a node. */
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
    for (let left = stepMax; left > 0 && sweep.at < sweep.items.length; sweep.at++) {
      left -= this.#ask(sweep.items[sweep.at]!, sweep.questions);
    }
    if (sweep.at === sweep.items.length) this.#current = undefined;
  }

  /** Returns how many questions it took. */
  #ask(item: T, questions: readonly Question<T>[]): number {
    if (!this.#target.isThere(item)) return 1;
    const helping = questions.findIndex((question) => question(item));
    if (helping < 0) return questions.length;
    this.#target.take(item);
    return helping + 1;
  }

  #begin() {
    if (this.#next.length === 0) return undefined;
    const questions = this.#next;
    this.#next = [];
    return { questions, items: [...this.#target.items()], at: 0 };
  }
}
