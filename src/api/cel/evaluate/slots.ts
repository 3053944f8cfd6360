/** Assigns slots of the frame to variables, by name, while a program is planned. */

import type { Run } from './frame.ts';

export class Slots {
  /** Variables of the environment that the expression reads, with their slots. */
  readonly read = new Map<string, number>();
  readonly #scopes: (readonly [name: string, run: Run])[] = [];
  readonly #isDeclared: (name: string) => boolean;
  #count = 0;

  constructor(isDeclared: (name: string) => boolean) {
    this.#isDeclared = isDeclared;
  }

  get count(): number {
    return this.#count;
  }

  /** A new slot. */
  take(): number {
    return this.#count++;
  }

  /** The name means `run` until `leave`. */
  enter(name: string, run: Run): void {
    this.#scopes.push([name, run]);
  }

  leave(): void {
    this.#scopes.pop();
  }

  /** The closure that reads a variable; undefined for an unknown name. */
  find(name: string): Run | undefined {
    const scoped = this.#scopes.findLast(([each]) => each === name);
    if (scoped !== undefined) return scoped[1];
    if (!this.#isDeclared(name)) return undefined;
    const slot = this.read.get(name) ?? this.take();
    this.read.set(name, slot);
    return (frame) => frame.slots[slot]!;
  }
}
