/** Stops the parser where the rest of the expression cannot be read. */

export class SyntaxProblem {
  /** The index of a character; undefined means the whole expression. */
  readonly at: number | undefined;
  readonly message: string;

  constructor(at: number | undefined, message: string) {
    this.at = at;
    this.message = message;
  }
}
