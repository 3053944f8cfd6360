/** A configuration that says something wrong: one line with the place, one with what to do. */

export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
