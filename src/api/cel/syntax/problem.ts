/** A syntax error at which the parser stops. */

export class SyntaxProblem {
  /** The index of a character; undefined for an error of the whole expression. */
  readonly at: number | undefined;
  readonly message: string;

  constructor(at: number | undefined, message: string) {
    this.at = at;
    this.message = message;
  }
}
