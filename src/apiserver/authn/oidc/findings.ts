/** Collects the field errors of an issuer in an AuthenticationConfiguration; field paths are relative to the issuer. */

import { duplicate, type FieldError, invalidValue, required } from '#api/validation/field-error.ts';

export class Findings {
  readonly #at: string;
  readonly #errors: FieldError[];

  /** `at`: the path of the issuer, `jwt[0]`. Findings are appended to `errors`. */
  constructor(at: string, errors: FieldError[]) {
    this.#at = at;
    this.#errors = errors;
  }

  pathOf(field: string): string {
    return `${this.#at}.${field}`;
  }

  add(errors: readonly FieldError[]): void {
    this.#errors.push(...errors);
  }

  required(field: string, detail = ''): void {
    this.#errors.push(required(this.pathOf(field), detail));
  }

  invalid(field: string, value: unknown, detail: string): void {
    this.#errors.push(invalidValue(this.pathOf(field), value, detail));
  }

  duplicate(field: string, value: unknown): void {
    this.#errors.push(duplicate(this.pathOf(field), value));
  }
}
