/**
 * Which processors an exclusive request gets, by topology. Pure; follows upstream's `takeByTopologyNUMAPacked`:
 *
 *   1. whole NUMA nodes and whole sockets, the larger of both first, as long as the request needs that many
 *   2. where `byCache`, whole last-level caches, then a part of the first one that has all that is missing
 *   3. whole cores
 *   4. single threads, of the cores that have the fewest free
 *
 * At each step the group with the fewest free processors comes first, then the lowest number.
 */

import type { CpuSet } from '#base/text/cpu-list.ts';
import type { CpuPlace } from '#host/kernel/cpus/places.ts';
import type { CpuGroup, CpuTopology } from './topology.ts';

/** Throws, with upstream's words, when fewer are available. */
export function takeCpus(topology: CpuTopology, available: CpuSet, count: number, byCache = false): CpuSet {
  const assignment = new Assignment(topology, available, count);
  if (count > available.size) {
    throw new Error(
      `not enough cpus available to satisfy request: requested=${count}, available=${available.size}`,
    );
  }
  return assignment.complete(byCache);
}

class Assignment {
  readonly #topology: CpuTopology;
  /** The groups from the largest down. */
  readonly #groups: readonly [CpuGroup, CpuGroup, CpuGroup];
  readonly #taken = new Set<number>();
  #free: readonly CpuPlace[];
  #missing: number;

  constructor(topology: CpuTopology, available: CpuSet, count: number) {
    this.#topology = topology;
    this.#free = topology.places.filter(({ cpu }) => available.has(cpu));
    this.#missing = count;
    const nodesFirst = topology.countOf('socket') >= topology.countOf('numaNode');
    this.#groups = nodesFirst ? ['numaNode', 'socket', 'core'] : ['socket', 'numaNode', 'core'];
  }

  complete(byCache: boolean): CpuSet {
    const [first, second] = this.#groups;
    this.#takeWhole(first);
    this.#takeWhole(second);
    if (byCache) this.#takeCaches();
    this.#takeWhole('core');
    for (const core of this.#ordered('core')) {
      const threads = this.#freeIn('core', core).sort((a, b) => a - b);
      this.#take(threads.slice(0, this.#missing));
    }
    return this.#taken;
  }

  #takeWhole(group: CpuGroup): void {
    const ordered = group === 'cache' ? this.#orderedCaches() : this.#ordered(group);
    const whole = ordered.filter((id) => this.#isFree(group, id));
    for (const id of whole) {
      const cpus = this.#freeIn(group, id);
      if (cpus.length <= this.#missing) this.#take(cpus);
    }
  }

  #takeCaches(): void {
    for (const cache of this.#orderedCaches()) {
      if (this.#missing >= this.#topology.sizeOf('cache')) this.#takeWhole('cache');
      if (this.#missing > 0) this.#takePartOf(cache);
    }
  }

  /** All that is missing, in the lowest cores of one cache, whole but for the last thread of an odd number; or nothing. */
  #takePartOf(cache: number): void {
    const perCore = this.#topology.sizeOf('core');
    const free = this.#free.filter((place) => place.cache === cache);
    const cores = [...new Set(free.map(({ core }) => core))].sort((a, b) => a - b);
    const lowest = new Set(cores.slice(0, Math.ceil(this.#missing / perCore)));
    const cpus = this.#free.filter(({ core }) => lowest.has(core)).map(({ cpu }) => cpu);
    const isOdd = this.#missing % 2 !== 0 && perCore > 1;
    if (isOdd && cpus.length > this.#missing) cpus.sort((a, b) => a - b).pop();
    if (cpus.length === this.#missing) this.#take(cpus);
  }

  #isFree(group: CpuGroup, id: number): boolean {
    const size =
      group === 'numaNode' || group === 'cache'
        ? this.#topology.cpusIn(group, id).length
        : this.#topology.sizeOf(group);
    return this.#freeIn(group, id).length === size;
  }

  /** Groups with free processors: those of the first larger group first, and so on up. */
  #ordered(group: CpuGroup): number[] {
    const larger = this.#groups[this.#groups.indexOf(group) - 1];
    if (larger === undefined) return this.#sorted(group, this.#free);
    const ids = this.#ordered(larger).flatMap((id) =>
      this.#sorted(
        group,
        this.#free.filter((place) => place[larger] === id),
      ),
    );
    return [...new Set(ids)];
  }

  #orderedCaches(): number[] {
    const caches = this.#ordered('numaNode').flatMap((node) =>
      this.#sorted(
        'cache',
        this.#free.filter(({ numaNode }) => numaNode === node),
      ),
    );
    return [...new Set(caches)];
  }

  #sorted(group: CpuGroup, places: readonly CpuPlace[]): number[] {
    const free = (id: number) => this.#freeIn(group, id).length;
    return [...new Set(places.map((place) => place[group]))].sort((a, b) => free(a) - free(b) || a - b);
  }

  #freeIn(group: CpuGroup, id: number): number[] {
    return this.#free.filter((place) => place[group] === id).map(({ cpu }) => cpu);
  }

  #take(cpus: readonly number[]): void {
    for (const cpu of cpus) this.#taken.add(cpu);
    this.#free = this.#free.filter(({ cpu }) => !this.#taken.has(cpu));
    this.#missing -= cpus.length;
  }
}
