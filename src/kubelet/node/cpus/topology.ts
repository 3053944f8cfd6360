/** The processors of a machine as the CPU manager counts them; upstream: `topology.CPUTopology`. */

import type { CpuSet } from '#base/text/cpu-list.ts';
import type { CpuPlace } from '#host/kernel/cpus/places.ts';

/** A group of processors that share hardware, from the smallest up. */
export type CpuGroup = 'core' | 'cache' | 'socket' | 'numaNode';

export class CpuTopology {
  readonly places: readonly CpuPlace[];
  readonly cpus: CpuSet;
  readonly #numaNodes: ReadonlyMap<number, number>;

  constructor(places: readonly CpuPlace[]) {
    this.places = places;
    this.cpus = new Set(places.map(({ cpu }) => cpu));
    this.#numaNodes = new Map(places.map(({ cpu, numaNode }) => [cpu, numaNode]));
  }

  /** Of a core, cache or socket, on average, as upstream counts them also where they differ. */
  sizeOf(group: 'core' | 'cache' | 'socket'): number {
    return Math.floor(this.places.length / this.countOf(group));
  }

  countOf(group: CpuGroup): number {
    return new Set(this.places.map((place) => place[group])).size;
  }

  /** The processors of one core, cache, socket or node. */
  cpusIn(group: CpuGroup, id: number): number[] {
    return this.places.filter((place) => place[group] === id).map(({ cpu }) => cpu);
  }

  get numaNodes(): number[] {
    return [...new Set(this.places.map(({ numaNode }) => numaNode))].sort((a, b) => a - b);
  }

  numaNodeOf(cpu: number): number {
    return this.#numaNodes.get(cpu) ?? 0;
  }

  /** These processors with all others of their cores. */
  wholeCores(cpus: CpuSet): CpuSet {
    const cores = new Set(this.places.filter(({ cpu }) => cpus.has(cpu)).map(({ core }) => core));
    return new Set(this.places.filter(({ core }) => cores.has(core)).map(({ cpu }) => cpu));
  }
}
