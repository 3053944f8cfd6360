/** Reads the tokens of an expression one after the other. */

import type { Token } from './lexer.ts';
import { SyntaxProblem } from './problem.ts';

export class TokenReader {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get current(): Token {
    return this.#tokens[this.#next]!;
  }

  /** The token after the current one. */
  get following(): Token | undefined {
    return this.#tokens[this.#next + 1];
  }

  /** Returns the current token, and goes to the next one. */
  advance(): Token {
    return this.#tokens[this.#next++]!;
  }

  isAt(symbol: string): boolean {
    const { kind, text } = this.current;
    return kind === 'symbol' && text === symbol;
  }

  /** Advances if the current token is `symbol`. */
  take(symbol: string): Token | undefined {
    return this.isAt(symbol) ? this.advance() : undefined;
  }

  /** Advances past `symbol`; throws `SyntaxProblem` for any other token. */
  expect(symbol: string, expected = `'${symbol}'`): Token {
    const token = this.take(symbol);
    if (token === undefined) throw this.unexpected(expected);
    return token;
  }

  unexpected(expected: string): SyntaxProblem {
    const { text, at } = this.current;
    return new SyntaxProblem(at, `mismatched input '${text}' expecting ${expected}`);
  }
}
