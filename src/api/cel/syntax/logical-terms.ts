/** The terms of `a && b && c`, as a balanced tree: thousands of terms nest no deeper than a dozen calls. */

import type { Expr } from './ast.ts';

export class LogicalTerms {
  readonly #name: string;
  readonly #terms: Expr[];
  /** The position of the operator after each term. */
  readonly #operatorsAt: number[] = [];

  constructor(name: string, first: Expr) {
    this.#name = name;
    this.#terms = [first];
  }

  add(operatorAt: number, term: Expr): void {
    this.#operatorsAt.push(operatorAt);
    this.#terms.push(term);
  }

  tree(): Expr {
    return this.#terms.length === 1 ? this.#terms[0]! : this.#balanced(0, this.#operatorsAt.length - 1);
  }

  #balanced(low: number, high: number): Expr {
    const middle = Math.floor((low + high + 1) / 2);
    const left = middle === low ? this.#terms[middle]! : this.#balanced(low, middle - 1);
    const right = middle === high ? this.#terms[middle + 1]! : this.#balanced(middle + 1, high);
    return { kind: 'call', at: this.#operatorsAt[middle]!, name: this.#name, args: [left, right] };
  }
}
