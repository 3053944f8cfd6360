/** A failure a person can do something about: one line of what is wrong, one of what to do. */

export class Problem extends Error {
  override name = 'Problem';
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}
