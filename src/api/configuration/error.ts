/** The error of an invalid configuration: a line with the field, and a hint that says what to do. */

export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
