/**
 * Elements that several parts of a table may want, as two services with the same external address do: the
 * first by name gets it, and the next when that part gives it up.
 */

import { Wanted } from './wanted.ts';

export class Claims {
  readonly wanted = new Wanted<string>();
  readonly #owners = new Map<string, string>();
  /** Values by owner, of the elements that more than one wants. */
  readonly #contested = new Map<string, Map<string, string>>();

  claim(owner: string, element: string, value: string): void {
    const first = this.#owners.get(element);
    if (first === undefined || first === owner) this.#owners.set(element, owner);
    const values = this.#contested.get(element);
    if (values) values.set(owner, value);
    else if (first !== undefined && first !== owner) {
      this.#contested.set(
        element,
        new Map([
          [first, this.wanted.get(element)!],
          [owner, value],
        ]),
      );
    }
    this.#decide(element, value);
  }

  release(owner: string, element: string): void {
    const values = this.#contested.get(element);
    values?.delete(owner);
    if (!values || values.size === 0) this.#owners.delete(element);
    this.#decide(element, undefined);
  }

  /** `value`: of an element that is not contested. */
  #decide(element: string, value: string | undefined): void {
    const values = this.#contested.get(element);
    const winner = values ? [...values.keys()].sort()[0]! : undefined;
    if (winner !== undefined) this.#owners.set(element, winner);
    this.wanted.set(element, winner === undefined ? value : values?.get(winner));
    if (values?.size === 1) this.#contested.delete(element);
  }
}
