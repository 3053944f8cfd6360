/**
 * A wall: no file imports itself over others, types included. Circles are found by Tarjan's algorithm.
 */

import { type Import, resolved } from './source.ts';

/** The sets of files that all import each other. */
export function circles(imports: readonly Import[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const link of imports) {
    const target = resolved(link);
    if (!targets.has(link.file)) targets.set(link.file, []);
    if (target !== undefined) targets.get(link.file)!.push(target);
  }
  const search = new Search(targets);
  for (const file of targets.keys()) search.visit(file);
  return search.found;
}

class Search {
  readonly found: string[][] = [];
  readonly #targets: ReadonlyMap<string, readonly string[]>;
  readonly #number = new Map<string, number>();
  readonly #lowest = new Map<string, number>();
  readonly #path: string[] = [];

  constructor(targets: ReadonlyMap<string, readonly string[]>) {
    this.#targets = targets;
  }

  visit(file: string): void {
    if (this.#number.has(file)) return;
    const number = this.#number.size;
    this.#number.set(file, number);
    this.#lowest.set(file, number);
    this.#path.push(file);
    for (const target of this.#targets.get(file) ?? []) {
      this.visit(target);
      if (this.#path.includes(target)) this.#lower(file, this.#lowest.get(target)!);
    }
    if (this.#lowest.get(file) === number) this.#close(file);
  }

  #lower(file: string, number: number): void {
    this.#lowest.set(file, Math.min(this.#lowest.get(file)!, number));
  }

  #close(file: string): void {
    const files = this.#path.splice(this.#path.indexOf(file));
    if (files.length > 1 || this.#targets.get(file)?.includes(file)) this.found.push(files.sort());
  }
}
