/** Where a program keeps its variables: a slot each, found by name while it is planned. */

import type { Run } from './frame.ts';

export class Slots {
  /** The names of the variables of the environment that are read, each with its slot. */
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

  /** A slot of its own. */
  take(): number {
    return this.#count++;
  }

  /** Makes `run` what the name means until `leave`. */
  enter(name: string, run: Run): void {
    this.#scopes.push([name, run]);
  }

  leave(): void {
    this.#scopes.pop();
  }

  /** How to read a variable; undefined when the name is none. */
  find(name: string): Run | undefined {
    const scoped = this.#scopes.findLast(([each]) => each === name);
    if (scoped !== undefined) return scoped[1];
    if (!this.#isDeclared(name)) return undefined;
    const slot = this.read.get(name) ?? this.take();
    this.read.set(name, slot);
    return (frame) => frame.slots[slot]!;
  }
}
