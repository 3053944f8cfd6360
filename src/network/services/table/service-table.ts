/**
 * The service table of one node and address family: the parts of all services, and the nft commands that
 * bring the kernel from its last state to them. The cost of a change is that of the parts it changes.
 */

import type { Family } from '../frontends/frontend.ts';
import { Claims } from './claims.ts';
import type { TablePart } from './part.ts';
import { ipWord } from './picks.ts';
import { Wanted } from './wanted.ts';

const nothing: TablePart = { chains: new Map(), sets: new Map(), elements: new Map(), slots: new Map() };

export class ServiceTable {
  /** As nft names it: `ip kybern`. */
  readonly #name: string;
  readonly #parts = new Map<string, TablePart>();
  readonly #elements = new Claims();
  readonly #chains = new Shared();
  readonly #sets = new Shared();

  constructor(family: Family, name: string) {
    this.#name = `${ipWord(family)} ${name}`;
  }

  part(owner: string): TablePart | undefined {
    return this.#parts.get(owner);
  }

  /** Replaces the part of `owner`. */
  put(owner: string, part: TablePart | undefined): void {
    const before = this.#parts.get(owner) ?? nothing;
    const after = part ?? nothing;
    this.#chains.replace(before.chains, after.chains);
    this.#sets.replace(before.sets, after.sets);
    for (const element of before.elements.keys()) {
      if (!after.elements.has(element)) this.#elements.release(owner, element);
    }
    for (const [element, value] of after.elements) {
      if (before.elements.get(element) !== value) this.#elements.claim(owner, element, value);
    }
    if (part) this.#parts.set(owner, part);
    else this.#parts.delete(owner);
  }

  /**
   * Changes the table in the kernel as it was at `settle`, in three transactions; empty ones have nothing to do. A packet
   * sees the rules of the generation in which its way through the table began, and the elements of the newest: an
   * element must lead it to a chain that was there before, and is there after it.
   */
  changes(): [newChains: string, elements: string, oldChains: string] {
    const { wanted } = this.#elements;
    const elements = [
      ...byMap(wanted.removed(), (map, removed) => `delete element ${this.#name} ${map} { ${removed} }`),
      ...this.#newElements(wanted.added()),
    ];
    return [
      this.#newChains(this.#sets.wanted.added(), [...this.#chains.wanted.added()]).join(''),
      elements.join(''),
      this.#oldChains([...this.#chains.wanted.removed()], this.#sets.wanted.removed()).join(''),
    ];
  }

  /** Fills an empty table. */
  all(): string {
    return [
      ...this.#newChains(this.#sets.wanted.all(), [...this.#chains.wanted.all()]),
      ...this.#newElements(this.#elements.wanted.all()),
    ].join('');
  }

  /** The kernel has the table. */
  settle(): void {
    this.#elements.wanted.settle();
    this.#chains.wanted.settle();
    this.#sets.wanted.settle();
  }

  /** All chains are created before any rule refers to one. */
  #newChains(sets: Iterable<[string, string]>, chains: readonly [string, string][]): string[] {
    return [
      ...[...sets].map(([set, definition]) => `add set ${this.#name} ${set} { ${definition} }\n`),
      ...chains.map(([chain]) => `add chain ${this.#name} ${chain}\n`),
      ...chains.flatMap(([chain, rules]) =>
        rules.split('\n').map((rule) => `add rule ${this.#name} ${chain} ${rule}\n`),
      ),
    ];
  }

  #newElements(elements: Iterable<[string, string]>): string[] {
    const texts = function* () {
      for (const [element, value] of elements) yield value === '' ? element : `${element} : ${value}`;
    };
    return byMap(texts(), (map, list) => `add element ${this.#name} ${map} { ${list} }`);
  }

  /** Emptied first: they refer to one another, and to the sets. */
  #oldChains(chains: readonly string[], sets: Iterable<string>): string[] {
    return [
      ...chains.map((chain) => `flush chain ${this.#name} ${chain}\n`),
      ...chains.map((chain) => `delete chain ${this.#name} ${chain}\n`),
      ...[...sets].map((set) => `delete set ${this.#name} ${set}\n`),
    ];
  }
}

/** One line for each map of the elements `map element`. */
function byMap(elements: Iterable<string>, line: (map: string, elements: string) => string): string[] {
  const maps = new Map<string, string[]>();
  for (const text of elements) {
    const end = text.indexOf(' ');
    const map = text.slice(0, end);
    const list = maps.get(map) ?? [];
    maps.set(map, list);
    list.push(text.slice(end + 1));
  }
  return [...maps].map(([map, list]) => `${line(map, list.join(', '))}\n`);
}

/** What several parts have under one name, and with one content. */
class Shared {
  readonly wanted = new Wanted<string>();
  readonly #uses = new Map<string, number>();

  replace(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void {
    for (const [name, value] of after) if (!before.has(name)) this.#count(name, value, 1);
    for (const [name, value] of before) if (!after.has(name)) this.#count(name, value, -1);
  }

  #count(name: string, value: string, by: number): void {
    const uses = (this.#uses.get(name) ?? 0) + by;
    if (uses === 0) this.#uses.delete(name);
    else this.#uses.set(name, uses);
    this.wanted.set(name, uses === 0 ? undefined : (this.wanted.get(name) ?? value));
  }
}
