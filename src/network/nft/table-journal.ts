/**
 * An nft table as data that remembers what changed since it was last written, so that a change of a large table
 * costs as much as the change. Chains are never changed in place: another content is another chain.
 */

export interface NftMap {
  /** As nft takes it: `type ipv4_addr : verdict;`. */
  readonly definition: string;
  /** By element; the empty text in a set. */
  readonly elements: Map<string, string>;
}

/** By element that changed, its value in the kernel; undefined for an element that the kernel does not have. */
type Difference = Map<string, string | undefined>;

export class TableJournal {
  readonly #family: string;
  readonly #name: string;
  /** Chains and maps that exist always: hooks and what they look into. */
  readonly #frame: string;
  readonly #frameMaps: readonly string[];
  readonly #chains = new Map<string, readonly string[]>();
  readonly #maps = new Map<string, NftMap>();
  #addedChains = new Set<string>();
  #removedChains = new Set<string>();
  #addedMaps = new Set<string>();
  #removedMaps = new Set<string>();
  #changed = new Map<string, Difference>();

  /** `frame`: the text of the table's body, with the maps `frameMaps`. */
  constructor(family: 'inet' | 'ip' | 'ip6', name: string, frame: string, frameMaps: readonly string[]) {
    this.#family = family;
    this.#name = name;
    this.#frame = frame;
    this.#frameMaps = frameMaps;
    for (const map of frameMaps) this.#maps.set(map, { definition: '', elements: new Map() });
  }

  get chains(): ReadonlyMap<string, readonly string[]> {
    return this.#chains;
  }

  get maps(): ReadonlyMap<string, NftMap> {
    return this.#maps;
  }

  get isEmpty(): boolean {
    return this.#chains.size === 0;
  }

  addChain(name: string, rules: readonly string[]): void {
    this.#chains.set(name, rules);
    if (!this.#removedChains.delete(name)) this.#addedChains.add(name);
  }

  removeChain(name: string): void {
    this.#chains.delete(name);
    if (!this.#addedChains.delete(name)) this.#removedChains.add(name);
  }

  /** `name` must not have been removed since the last write. */
  addMap(name: string, definition: string): void {
    this.#maps.set(name, { definition, elements: new Map() });
    this.#addedMaps.add(name);
  }

  removeMap(name: string): void {
    this.#maps.delete(name);
    this.#changed.delete(name);
    if (!this.#addedMaps.delete(name)) this.#removedMaps.add(name);
  }

  get(map: string, element: string): string | undefined {
    return this.#maps.get(map)?.elements.get(element);
  }

  /** Undefined removes the element. */
  set(map: string, element: string, value: string | undefined): void {
    const { elements } = this.#mapOf(map);
    const old = elements.get(element);
    if (old === value) return;
    if (value === undefined) elements.delete(element);
    else elements.set(element, value);
    if (this.#addedMaps.has(map)) return;
    const before = this.#differenceOf(map);
    if (!before.has(element)) before.set(element, old);
    else if (before.get(element) === value) before.delete(element);
  }

  /** One transaction that brings the kernel from the last taken state to this one; empty without a change. */
  takeChange(): string {
    const lines = [
      ...this.#structureLines(this.#addedChains, this.#addedMaps),
      ...this.#elementLines(),
      ...[...this.#addedMaps].flatMap((map) => this.#add(map, [...this.#mapOf(map).elements])),
      ...this.#removalLines(),
    ];
    this.#forget();
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  /** One transaction that replaces whatever table the kernel has under this name. */
  takeWhole(): string {
    const own = [...this.#maps.keys()].filter((map) => !this.#frameMaps.includes(map));
    const lines = [
      this.removal(),
      `table ${this.#family} ${this.#name} {\n${this.#frame}}`,
      ...this.#structureLines(this.#chains.keys(), own),
      ...[...this.#maps].flatMap(([map, { elements }]) => this.#add(map, [...elements])),
    ];
    this.#forget();
    return `${lines.join('\n')}\n`;
  }

  /** Removes the table, if there is one. */
  removal(): string {
    const table = `table ${this.#family} ${this.#name}`;
    return `${table}\ndelete ${table}`;
  }

  /**
   * Chains are there before rules and maps refer to them: nft writes the elements of a new interval map with the map, and
   * not where the script has them.
   */
  #structureLines(chains: Iterable<string>, maps: Iterable<string>): string[] {
    const names = [...chains];
    return [
      ...names.map((chain) => this.#line('add chain', chain)),
      ...[...maps].map((map) => this.#mapLine(map)),
      ...names.flatMap((chain) =>
        (this.#chains.get(chain) ?? []).map((rule) => this.#line('add rule', `${chain} ${rule}`)),
      ),
    ];
  }

  #mapLine(map: string): string {
    const { definition } = this.#mapOf(map);
    return this.#line(definition.includes(': verdict') ? 'add map' : 'add set', `${map} { ${definition} }`);
  }

  #elementLines(): string[] {
    return [...this.#changed].flatMap(([map, before]) => {
      const { elements } = this.#mapOf(map);
      const gone = [...before].flatMap(([element, value]) =>
        value === undefined ? [] : [elementText(element, value)],
      );
      const now = [...before.keys()].flatMap((element): [string, string][] => {
        const value = elements.get(element);
        return value === undefined ? [] : [[element, value]];
      });
      const removal =
        gone.length === 0 ? [] : [this.#line('delete element', `${map} { ${gone.join(', ')} }`)];
      return [...removal, ...this.#add(map, now)];
    });
  }

  #add(map: string, elements: readonly (readonly [string, string])[]): string[] {
    if (elements.length === 0) return [];
    const texts = elements.map(([element, value]) => elementText(element, value));
    return [this.#line('add element', `${map} { ${texts.join(', ')} }`)];
  }

  /** What refers to a chain goes before the chain. */
  #removalLines(): string[] {
    const chains = [...this.#removedChains];
    return [
      ...chains.map((chain) => this.#line('flush chain', chain)),
      ...[...this.#removedMaps].map((map) => this.#line('delete map', map)),
      ...chains.map((chain) => this.#line('delete chain', chain)),
    ];
  }

  #line(verb: string, rest: string): string {
    return `${verb} ${this.#family} ${this.#name} ${rest}`;
  }

  #mapOf(name: string): NftMap {
    const map = this.#maps.get(name);
    if (!map) throw new Error(`the table has no map ${name}`);
    return map;
  }

  #differenceOf(map: string): Difference {
    const known = this.#changed.get(map);
    if (known) return known;
    const difference: Difference = new Map();
    this.#changed.set(map, difference);
    return difference;
  }

  #forget(): void {
    this.#addedChains = new Set();
    this.#removedChains = new Set();
    this.#addedMaps = new Set();
    this.#removedMaps = new Set();
    this.#changed = new Map();
  }
}

function elementText(element: string, value: string): string {
  return value === '' ? element : `${element} : ${value}`;
}
