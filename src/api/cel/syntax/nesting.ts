/** Bounds how deep the rules of the grammar nest in an expression, with upstream's limit. */

import type { Expr } from './ast.ts';
import { SyntaxProblem } from './problem.ts';

/** For each rule of the grammar; an operator nests its left operand. */
const depthMax = 250;

export type Rule = 'expr' | 'relation' | 'calc' | 'member';

export class Nesting {
  readonly #depths: Record<Rule, number> = { expr: 0, relation: 0, calc: 0, member: 0 };

  nested(rule: Rule, read: () => Expr): Expr {
    this.deepen(rule);
    const expr = read();
    this.leave(rule, 1);
    return expr;
  }

  /** Throws `SyntaxProblem` beyond the limit. */
  deepen(rule: Rule): void {
    this.#depths[rule]++;
    if (this.#depths[rule] > depthMax) {
      throw new SyntaxProblem(undefined, `expression recursion limit exceeded: ${depthMax}`);
    }
  }

  leave(rule: Rule, levels: number): void {
    this.#depths[rule] -= levels;
  }
}
